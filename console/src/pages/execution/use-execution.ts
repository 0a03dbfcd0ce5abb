// All that is known of one execution, and that grows while it runs.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { ask, aws, read } from "../../api/call";
import { useStream } from "../../api/stream";
import type { Analysis, Columns, Meta } from "../../api/types";
import { History } from "../../history/history";

export interface Described {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: string;
  startDate: number;
  stopDate?: number;
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  redriveCount?: number;
  redriveStatus?: string;
  redriveStatusReason?: string;
}

export function useMeta() {
  return useQuery({ queryKey: ["meta"], queryFn: () => read<Meta>("meta"), staleTime: Number.POSITIVE_INFINITY });
}

/** The ARN of an execution, once the server has said where it is. */
export function useExecutionArn(machine: string, name: string): string | undefined {
  const meta = useMeta().data;
  return meta && `arn:${meta.partition}:states:${meta.region}:${meta.account}:execution:${machine}:${name}`;
}

/** Follows an execution. `version` changes whenever there is more. */
export function useHistory(arn: string | undefined) {
  const history = useMemo(() => (arn ? new History() : new History()), [arn]);
  const [version, setVersion] = useState(0);
  const started = useRef<number | null>(null);
  const [from, setFrom] = useState(0);
  useEffect(() => {
    started.current = null;
    setFrom(arn ? 0 : 0);
  }, [arn]);
  const connection = useStream(arn ? { execution: arn, after: from } : null, "index", (data) => {
    if (history.append(data as Columns)) setVersion((version) => version + 1);
    // Something is missing: begin again from what is known.
    else setFrom(history.last);
  });
  return { history, version, connection };
}

/** What the public API says of it; asked again when its status changes. */
export function useDescribed(arn: string | undefined, status: string, events: number) {
  const isOpen = status === "RUNNING";
  return useQuery({
    queryKey: ["execution", arn, status, isOpen ? 0 : events],
    queryFn: () => aws<Described>("DescribeExecution", { executionArn: arn }),
    enabled: arn !== undefined,
    placeholderData: (before) => before,
  });
}

/** The definition that it runs, and the picture of it. */
export function useDefinition(arn: string | undefined) {
  return useQuery({
    queryKey: ["definition-of", arn],
    queryFn: async () => {
      const found = await aws<{ definition: string; name: string }>("DescribeStateMachineForExecution", {
        executionArn: arn,
      });
      const analysis = await ask<Analysis>("analyze", { text: found.definition });
      return { definition: found.definition, ...analysis };
    },
    enabled: arn !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
