import type { Html } from '../../../../charts/html.ts';

/** A chart that the report draws too. What is Html has been escaped where it was made, and holds no style that the content security policy refuses. */
export function Drawing({ of }: { readonly of: Html }) {
  return <div class="drawing" dangerouslySetInnerHTML={{ __html: of.text }} />;
}
