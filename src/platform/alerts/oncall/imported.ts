/** How ids of overrides begin that came from a calendar. */
export const IMPORTED = 'ics_'
