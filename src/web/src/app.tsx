// From the address to a page: who may see it, and what surrounds it.
import { useEffect, useMemo } from "preact/hooks";
import type { Membership, Organisation } from "./model";
import { useI18n } from "./i18n";
import { roleNames } from "./lib/names";
import { useGet } from "./lib/query";
import { match, navigate, search, usePlace } from "./router";
import { organisationRoutes } from "./routes";
import { organisationView, OrganisationProvider, useSessionState } from "./session";
import { Shell } from "./shell";
import { AccountPage } from "./pages/account";
import { LinkPage } from "./pages/link";
import { SignInPage } from "./pages/sign-in";
import { StyleguidePage } from "./pages/styleguide";
import { Note, Page, ReadFailure, Waiting } from "./ui/page";

export function App() {
  const { path } = usePlace();
  const link = match("/links/:token", path);
  if (link) return <Shell><LinkPage token={link["token"] ?? ""} /></Shell>;
  if (path === "/sign-in") return <Shell><SignInPage /></Shell>;
  if (DEVELOPMENT && path === "/styleguide") return <Shell><StyleguidePage /></Shell>;
  return <Inside />;
}

/** Everything behind the sign-in. */
function Inside() {
  const { session, failure, refresh } = useSessionState();
  const { path, query } = usePlace();
  useEffect(() => {
    if (session !== null || failure) return;
    const here = path + search(Object.fromEntries(query));
    navigate("/sign-in" + search({ to: here === "/" ? "" : here }), { replace: true });
  }, [session, failure, path]);
  if (failure) return <Shell><div class="shell"><ReadFailure error={failure} retry={() => void refresh()} /></div></Shell>;
  if (!session) return <Shell><div class="shell"><Waiting /></div></Shell>;
  if (path === "/") return <Chooser memberships={session.memberships} />;
  if (path === "/account") return <Shell><AccountPage /></Shell>;
  const found = /^\/o\/([^/]+)(?:\/(.*))?$/.exec(path);
  const slug = found ? decodeURIComponent(found[1] as string) : "";
  const membership = session.memberships.find((one) => one.slug === slug);
  if (!found || !membership) return <Shell><Missing /></Shell>;
  return <OrganisationPages key={slug} membership={membership} rest={found[2] ?? ""} />;
}

function OrganisationPages({ membership, rest }: { membership: Membership; rest: string }) {
  const got = useGet<Organisation>("/organisations/" + encodeURIComponent(membership.slug));
  const view = useMemo(() => (got.data ? organisationView(got.data, membership) : null), [got.data, membership]);
  if (!view) return <Shell><div class="shell">{got.error ? <ReadFailure error={got.error} retry={got.reload} /> : <Waiting />}</div></Shell>;
  for (const route of organisationRoutes) {
    const params = match(route.path, rest);
    if (params) {
      const own = route.path.startsWith("members/") && params["id"] === view.memberId && !view.can("read_books");
      return (
        <OrganisationProvider value={view}>
          <Shell current={own ? "mine" : route.nav}><route.page key={route.path + Object.values(params).join()} params={params} /></Shell>
        </OrganisationProvider>
      );
    }
  }
  return <OrganisationProvider value={view}><Shell><Missing /></Shell></OrganisationProvider>;
}

function Missing() {
  const { t } = useI18n();
  return <Page title={t.failure.notFoundTitle}><Note tone="warn">{t.failure.notFoundDetail}</Note></Page>;
}

/** One organisation: straight to its home page. Several: a choice. */
function Chooser({ memberships }: { memberships: Membership[] }) {
  const { t } = useI18n();
  const only = memberships.length === 1 ? memberships[0] : undefined;
  useEffect(() => { if (only) navigate("/o/" + encodeURIComponent(only.slug), { replace: true }); }, [only]);
  if (only) return <Shell><div class="shell"><Waiting /></div></Shell>;
  if (memberships.length === 0) return <Shell><Page title={t.chooser.none} lead={t.chooser.noneDetail} /></Shell>;
  return (
    <Shell>
      <Page title={t.chooser.title} lead={t.chooser.lead}>
        <ul class="chooser">
          {memberships.map((one) => (
            <li key={one.slug}><a class="sheet" href={"/o/" + encodeURIComponent(one.slug)}><strong>{one.name}</strong>
              <span class="soft small">{roleNames(one.roles, t)}</span></a></li>
          ))}
        </ul>
      </Page>
    </Shell>
  );
}
