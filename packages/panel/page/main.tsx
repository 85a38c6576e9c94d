import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const place = document.querySelector('#panel');
if (place) createRoot(place).render(<App />);
