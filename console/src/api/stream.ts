// A connection to the server's events, and whether it stands: a page that is not up to date says so.
import { useEffect, useRef, useState } from "react";
import { streamUrl } from "./call";

export type Connection = "connecting" | "live" | "lost";

/** Listens while the component stands; `take` gets each message of the kind. `null` listens to nothing. */
export function useStream(
  query: Record<string, string | number> | null,
  kind: string,
  take: (data: unknown) => void,
): Connection {
  const [connection, setConnection] = useState<Connection>("connecting");
  const latest = useRef(take);
  latest.current = take;
  const url = query && streamUrl(query);
  useEffect(() => {
    if (!url) return;
    setConnection("connecting");
    const source = new EventSource(url);
    source.onopen = () => setConnection("live");
    source.onerror = () => setConnection("lost");
    source.addEventListener(kind, (event) => {
      setConnection("live");
      latest.current(JSON.parse((event as MessageEvent<string>).data));
    });
    return () => source.close();
  }, [url, kind]);
  return connection;
}
