// The pages of one section, beside each other: under the title, a row of links.
export interface SubNavItem {
  key: string;
  label: string;
  href: string;
  /** How many wait there, shown when there are any. */
  count?: number | undefined;
}

export function SubNav({ label, items, current }: { label: string; items: readonly SubNavItem[]; current: string }) {
  return (
    <nav class="subnav noprint" aria-label={label}>
      <ul class="plain">
        {items.map((item) => (
          <li key={item.key}>
            <a href={item.href} aria-current={item.key === current ? "page" : undefined}>
              {item.label}
              {item.count ? <span class="nav__count">{item.count}</span> : null}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
