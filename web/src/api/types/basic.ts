export type Id = string
export type Iso = string
export type Picture = string

export interface Page<T> { items: T[]; next: string | null }

export interface Division { code: string; name: string; full_name: string; in832: boolean }
export interface DivisionRow { code: string; name: string; level: string; leaf: boolean; in832: boolean }
