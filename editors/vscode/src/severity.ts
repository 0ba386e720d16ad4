/** The severities, the worst first. */
export const SEVERITIES = ['blocking', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];
