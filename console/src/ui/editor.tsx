// A JSON editor, and a viewer of definitions. Loaded when first needed: it is as large as the rest of the console.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { linter, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Diagnostic } from "../api/types";

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "12px", backgroundColor: "transparent", color: "var(--text)" },
  ".cm-content": { fontFamily: "var(--font-mono)", caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--quiet)", border: "none" },
  ".cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-panels": { backgroundColor: "var(--surface)", color: "var(--text)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", color: "var(--text)" },
});

const colors = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--succeeded)" },
  { tag: tags.number, color: "var(--running)" },
  { tag: [tags.bool, tags.null], color: "var(--caught)" },
]);

interface EditorProps {
  value: string;
  onChange?: (value: string) => void;
  label: string;
  /** Characters to bring into view and mark. */
  mark?: { from: number; to: number };
  diagnostics?: Diagnostic[];
}

export default function Editor({ value, onChange, label, mark, diagnostics }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const isReadOnly = onChange === undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; later values are sent to it below
  useEffect(() => {
    if (!place.current) return;
    const extensions = [
      lineNumbers(),
      foldGutter(),
      history(),
      indentOnInput(),
      bracketMatching(),
      json(),
      search(),
      syntaxHighlighting(colors),
      look,
      EditorView.lineWrapping,
      keymap.of([
        ...defaultKeymap,
        ...historyKeymap,
        ...searchKeymap,
        ...foldKeymap,
        ...(isReadOnly ? [] : [indentWithTab]),
      ]),
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorState.readOnly.of(isReadOnly),
      ...(isReadOnly ? [] : [linter(jsonParseLinter())]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed.current?.(update.state.doc.toString());
      }),
    ];
    const made = new EditorView({ state: EditorState.create({ doc: value, extensions }), parent: place.current });
    view.current = made;
    return () => made.destroy();
  }, [isReadOnly, label]);

  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value) {
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || !mark) return;
    const end = shown.state.doc.length;
    const [from, to] = [Math.min(mark.from, end), Math.min(mark.to, end)];
    shown.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: "start", yMargin: 24 }),
    });
  }, [mark]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || !diagnostics) return;
    const end = shown.state.doc.length;
    const places = diagnostics.map((found) => ({
      from: Math.min(found.from, end),
      to: Math.min(Math.max(found.to, found.from + 1), end),
      severity: found.severity === "ERROR" ? ("error" as const) : ("warning" as const),
      message: `${found.code}: ${found.message}`,
    }));
    shown.dispatch(setDiagnostics(shown.state, places));
  }, [diagnostics]);

  return <div ref={place} className="h-full min-h-0 overflow-auto" />;
}
