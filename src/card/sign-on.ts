import { z } from 'zod';

/** The site's clinical sign-on: service id → who took responsibility for its content, and when. */
export type SignOn = ReadonlyMap<string, { readonly name: string; readonly date: string }>;

const file = z.record(z.string(), z.strictObject({ name: z.string().min(1), date: z.iso.date() }));

/**
 * The SIGN_ON file: `{"cardiovascular-risk": {"name": "…", "date": "2026-05-01"}}`.
 * @throws Error naming service, field and rule
 */
export function parseSignOn(text: string): SignOn {
  const parsed = file.safeParse(json(text));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  throw new Error(`SIGN_ON: ${issue?.path.join('.')}: ${issue?.message}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('SIGN_ON: the file is not JSON');
  }
}
