/** Instead of Fastify's compilers, which take a while to load and are not in the bundle. */
export const schemaController = {
  compilersFactory: {
    buildValidator: () => () => {
      throw new Error('What comes in is judged by zod, in the procedures.');
    },
    buildSerializer: () => () => {
      throw new Error('What goes out is written by the face that it goes out by.');
    },
  },
};
