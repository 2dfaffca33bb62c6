export function schemaSql(from: string | null, to: string): Promise<string>
