// Calls of the server: the public AWS API, and the console's read API.
import { parseExact } from "./json";

/** A refusal in the server's words. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function answered(response: Response, exact: boolean): Promise<unknown> {
  const text = await response.text();
  const body = text === "" ? {} : exact ? parseExact(text) : JSON.parse(text);
  if (response.ok) return body;
  const told = (body as { error?: { code: string; message: string } }).error;
  if (told) throw new Refusal(told.code, told.message);
  const aws = body as { __type?: string; message?: string; Message?: string };
  const code = aws.__type?.split("#").pop() ?? `HTTP ${response.status}`;
  throw new Refusal(code, aws.message ?? aws.Message ?? response.statusText);
}

/** An operation of the public API, as any SDK calls it. */
export async function aws<T>(operation: string, input: object): Promise<T> {
  const response = await fetch("/", {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` },
    body: JSON.stringify(input),
  });
  return (await answered(response, false)) as T;
}

const API = "/console/api/v1/";

/** A question of the read API. */
export async function read<T>(
  path: string,
  query: Record<string, string | number | string[] | undefined> = {},
): Promise<T> {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== "") pairs.append(name, String(one));
  }
  const search = pairs.size > 0 ? `?${pairs}` : "";
  return (await answered(await fetch(API + path + search), path.includes("/steps/") || path === "inbox")) as T;
}

/** A question of the read API with a body. */
export async function ask<T>(path: string, body: object): Promise<T> {
  const headers = { "content-type": "application/json", "x-stepwell-console": "1" };
  return (await answered(await fetch(API + path, { method: "POST", headers, body: JSON.stringify(body) }), false)) as T;
}

export const streamUrl = (query: Record<string, string | number>) =>
  `${API}stream?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
