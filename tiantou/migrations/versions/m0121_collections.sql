create table supply.collection (
  id uuid constraint collection_pk primary key,
  org_id uuid not null,
  no int not null,
  day date not null,
  vehicle text not null,
  driver text not null,
  note text not null,
  state text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  constraint collection_org_id_no_key unique (org_id, no),
  constraint collection_state_check check (state in ('planned','under_way','done','cancelled'))
);
--;
create index collection_org_id_ix on supply.collection (org_id, day, id);
--;
create table supply.collection_stop (
  id uuid constraint collection_stop_pk primary key,
  collection_id uuid not null
    constraint collection_stop_collection_id_fk references supply.collection (id),
  place smallint not null,
  household_id uuid constraint collection_stop_household_id_fk references supply.household (id),
  village text not null,
  called_g bigint not null,
  planned_minute smallint,
  state text not null,
  why text not null,
  changed_at timestamptz not null,
  constraint collection_stop_collection_id_place_key unique (collection_id, place),
  constraint collection_stop_state_check check (state in ('waiting','weighed','skipped')),
  constraint collection_stop_called_g_check check (called_g >= 0),
  constraint collection_stop_planned_minute_check check (planned_minute between 0 and 1439)
);
--;
alter table supply.slip add column stop_id uuid
  constraint slip_stop_id_fk references supply.collection_stop (id);
--;
create index slip_stop_id_ix on supply.slip (stop_id) where stop_id is not null;
--;
alter table supply.move
  drop constraint move_reason_check,
  add constraint move_reason_check check (reason in ('make','grade','pack','mix','relabel','pick',
    'cull','shrink','spoil','donate','process','destroy','return','count'));
--;
alter table supply.run
  add column note text not null default '';
--;
alter table supply.run alter column note drop default;
