// Stopping an execution, with an error and a cause that its history keeps.
import { useState } from "react";
import { aws } from "../../api/call";
import { Dialog } from "../../ui/dialog";
import { Button, inputLook, Problem } from "../../ui/parts";
import { WORDS } from "../../words";

export function StopDialog({ arn, onClose }: { arn: string; onClose: () => void }) {
  const [error, setError] = useState("");
  const [cause, setCause] = useState("");
  const [refused, setRefused] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const stop = async () => {
    setSending(true);
    try {
      await aws("StopExecution", { executionArn: arn, error: error || undefined, cause: cause || undefined });
      onClose();
    } catch (why) {
      setRefused(why);
      setSending(false);
    }
  };
  return (
    <Dialog title={WORDS.stop.title} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          stop();
        }}
      >
        <label className="flex flex-col gap-1">
          {WORDS.stop.error}
          <input
            className={inputLook}
            value={error}
            maxLength={256}
            onChange={(event) => setError(event.target.value)}
          />
        </label>
        <label className="flex flex-col gap-1">
          {WORDS.stop.cause}
          <textarea
            className={`${inputLook} h-24 py-1.5`}
            value={cause}
            maxLength={32768}
            onChange={(event) => setCause(event.target.value)}
          />
        </label>
        {refused !== undefined && <Problem error={refused} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{WORDS.cancel}</Button>
          <Button look="danger" type="submit" disabled={isSending}>
            {WORDS.stop.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
