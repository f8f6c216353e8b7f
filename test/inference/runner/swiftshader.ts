/** A Vulkan device in software, from npm's @sparticuz/chromium, so that WebGPU runs where no GPU is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';

/** What the environment of a process must hold to find it; undefined on machines for which it is not built. */
export async function swiftShader(): Promise<Readonly<Record<string, string>> | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const archive = fileURLToPath(
    new URL('../bin/swiftshader.tar.br', import.meta.resolve('@sparticuz/chromium')),
  );
  if (!existsSync(archive)) return undefined;
  const folder = await inflate(archive);
  return { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder };
}
