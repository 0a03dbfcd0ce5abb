// The state of a page in its address: reloading, sharing and going back all work.
import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";

/** One parameter of the address, and how to change it. Setting it to nothing removes it. */
export function useParam(name: string): [string | undefined, (value: string | undefined, push?: boolean) => void] {
  const [all, set] = useParams();
  const change = useCallback((value: string | undefined, push = false) => set({ [name]: value }, push), [name, set]);
  return [all.get(name) ?? undefined, change];
}

/** All parameters, and how to change some of them. */
export function useParams(): [URLSearchParams, (changes: Record<string, string | undefined>, push?: boolean) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const set = useCallback(
    (changes: Record<string, string | undefined>, push = false) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined || value === "") next.delete(name);
        else next.set(name, value);
      }
      const path = window.location.pathname.replace(/^\/console/, "") || "/";
      navigate(next.size > 0 ? `${path}?${next}` : path, { replace: !push });
    },
    [navigate],
  );
  return [new URLSearchParams(search), set];
}
