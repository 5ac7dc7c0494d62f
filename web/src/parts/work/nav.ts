/** What the rail and the bar of a desk show. */
export interface NavItem { to: string; icon: string; label: string; on?: boolean; count?: string; hot?: boolean }
export interface NavGroup { title?: string; items: NavItem[] }
