// The frame around all pages: navigation, theme, and which page an address is.
import { Activity, House, Inbox, List, Workflow } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, Route, Router, Switch, useLocation } from "wouter";
import { HomePage } from "./pages/home";
import { setTheme, type Theme, theme } from "./theme";
import { Empty } from "./ui/parts";
import { WORDS } from "./words";

const named = <T extends string>(load: () => Promise<Record<T, React.ComponentType<never>>>, name: T) =>
  lazy(async () => ({ default: (await load())[name] as React.ComponentType<Record<string, unknown>> }));

const MachinesPage = named(() => import("./pages/machines"), "MachinesPage");
const MachinePage = named(() => import("./pages/machine"), "MachinePage");
const ExecutionsPage = named(() => import("./pages/executions"), "ExecutionsPage");
const ExecutionPage = named(() => import("./pages/execution/page"), "ExecutionPage");
const StartPage = named(() => import("./pages/start"), "StartPage");
const InboxPage = named(() => import("./pages/inbox"), "InboxPage");
const ActivitiesPage = named(() => import("./pages/activities"), "ActivitiesPage");
const ComparePage = named(() => import("./pages/compare"), "ComparePage");

const NAV: [string, string, typeof House][] = [
  ["/", WORDS.nav.home, House],
  ["/machines", WORDS.nav.machines, Workflow],
  ["/executions", WORDS.nav.executions, List],
  ["/inbox", WORDS.nav.inbox, Inbox],
  ["/activities", WORDS.nav.activities, Activity],
];

export function App() {
  return (
    <Router base="/console">
      <Frame>
        <Suspense fallback={<Empty>{WORDS.loading}</Empty>}>
          <Switch>
            <Route path="/">
              <HomePage />
            </Route>
            <Route path="/machines">
              <MachinesPage />
            </Route>
            <Route path="/machines/:name/start">
              {({ name }) => <StartPage key={name} machine={decodeURIComponent(name)} />}
            </Route>
            <Route path="/machines/:name">
              {({ name }) => <MachinePage key={name} name={decodeURIComponent(name)} />}
            </Route>
            <Route path="/executions">
              <ExecutionsPage />
            </Route>
            <Route path="/executions/:machine/:name">
              {({ machine, name }) => (
                <ExecutionPage
                  key={machine + name}
                  machine={decodeURIComponent(machine)}
                  name={decodeURIComponent(name)}
                />
              )}
            </Route>
            <Route path="/inbox">
              <InboxPage />
            </Route>
            <Route path="/activities">
              <ActivitiesPage />
            </Route>
            <Route path="/compare">
              <ComparePage />
            </Route>
            <Route>
              <Empty>{WORDS.notFound}</Empty>
            </Route>
          </Switch>
        </Suspense>
      </Frame>
    </Router>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <div className="flex h-full flex-col md:flex-row">
      <nav
        aria-label={WORDS.product}
        className="flex shrink-0 items-center gap-1 overflow-x-auto border-line border-b bg-surface px-2 py-1.5 md:w-48 md:flex-col md:items-stretch md:border-r md:border-b-0 md:px-3 md:py-4"
      >
        <Link to="/" className="flex items-center gap-2 px-2 font-semibold text-base md:mb-4">
          <img src="/console/icon.svg" alt="" className="size-6" />
          <span className="hidden sm:inline">{WORDS.product}</span>
        </Link>
        {NAV.map(([path, words, Icon]) => (
          <NavLink key={path} path={path} words={words} Icon={Icon} />
        ))}
        <div className="ml-auto md:mt-auto md:ml-0">
          <ThemeChoice />
        </div>
      </nav>
      <div className="min-h-0 min-w-0 flex-1 overflow-auto">{children}</div>
    </div>
  );
}

function NavLink({ path, words, Icon }: { path: string; words: string; Icon: typeof House }) {
  const [at] = useLocation();
  const isHere = path === "/" ? at === "/" : at === path || at.startsWith(`${path}/`);
  return (
    <Link
      to={path}
      aria-current={isHere ? "page" : undefined}
      aria-label={words}
      className={`flex items-center gap-2.5 rounded-md px-2 py-1.5 font-medium ${isHere ? "bg-accent-soft text-accent" : "text-quiet hover:bg-lane hover:text-text"}`}
    >
      <Icon size={16} aria-hidden />
      <span className="hidden md:inline">{words}</span>
    </Link>
  );
}

function ThemeChoice() {
  const [chosen, setChosen] = useState<Theme>(theme());
  return (
    <select
      aria-label={WORDS.theme.label}
      className="h-8 rounded-md border border-line bg-raised px-1.5 text-quiet md:w-full"
      value={chosen}
      onChange={(event) => {
        const next = event.target.value as Theme;
        setChosen(next);
        setTheme(next);
      }}
    >
      {(["system", "light", "dark"] as Theme[]).map((one) => (
        <option key={one} value={one}>
          {WORDS.theme[one]}
        </option>
      ))}
    </select>
  );
}
