import { z } from 'zod';
import { askEhr } from './ask-ehr.ts';
import type { Launcher } from './registration.ts';

/** Who the page is about, for EHRs that want the app to say so (`need_patient_banner`). */
export interface Banner {
  readonly name?: string;
  /** FHIR date, perhaps partial. */
  readonly birthDate?: string;
  readonly gender?: string;
}

const resource = z.object({
  resourceType: z.literal('Patient'),
  id: z.string(),
  birthDate: z.string().max(10).optional(),
  gender: z.string().max(16).optional(),
  name: z
    .array(
      z.object({
        use: z.string().optional(),
        text: z.string().optional(),
        family: z.string().optional(),
        given: z.array(z.string()).optional(),
      }),
    )
    .default([]),
});

/**
 * Reads the launch patient from the registered FHIR base, once, with the token of this launch. The token goes
 * to that base only and follows no redirect. Undefined when the patient cannot be read or is another one:
 * the page then says that the name could not be read.
 */
export async function readBanner(
  { fhirServer, allowPrivateNetwork }: Launcher,
  patient: string,
  token: string,
): Promise<Banner | undefined> {
  const headers = { accept: 'application/fhir+json', authorization: `Bearer ${token}` };
  const url = `${fhirServer}/Patient/${encodeURIComponent(patient)}`;
  const answer = await askEhr(url, { headers, allowPrivateNetwork }).catch(() => undefined);
  const read = resource.safeParse(answer?.json);
  if (answer?.status !== 200 || !read.success || read.data.id !== patient) return undefined;
  const { birthDate, gender, name: names } = read.data;
  const name = names.find(({ use }) => use === 'official') ?? names[0];
  const words = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
  return {
    ...(words === '' ? {} : { name: words.slice(0, 120) }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gender === undefined ? {} : { gender }),
  };
}
