import { html as template } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

/** JSX without a compiler: the same templates run on the server and in the islands. Values are escaped. */
export const html = template as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** What a component may be given as content. */
export type Content = ComponentChildren;
