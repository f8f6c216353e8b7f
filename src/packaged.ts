import { fileURLToPath } from 'node:url';

/** A folder of the product itself: vocabulary, models, cards, clients. */
export const packaged = (folder: string): string => fileURLToPath(new URL(`../${folder}`, import.meta.url));
