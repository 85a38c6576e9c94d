import openApiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';

/** The types of a client, as a module, made of an OpenAPI document alone. */
export const openApiClientTypes = async (document: unknown): Promise<string> =>
  astToString(await openApiTypes(document as OpenAPI3));
