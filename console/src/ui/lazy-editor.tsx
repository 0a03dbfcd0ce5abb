// The editor, when it is there.
import { type ComponentProps, lazy, Suspense } from "react";
import { WORDS } from "../words";

const Editor = lazy(() => import("./editor"));

export function LazyEditor(props: ComponentProps<typeof Editor>) {
  return (
    <Suspense fallback={<p className="p-4 text-quiet">{WORDS.loading}</p>}>
      <Editor {...props} />
    </Suspense>
  );
}
