alter table supply.plot
  add column lat_e6 int,
  add column lon_e6 int,
  add column outline int[] not null default '{}',
  add column photos text[] not null default '{}',
  add column retired_at timestamptz,
  add constraint plot_point_check check ((lat_e6 is null) = (lon_e6 is null)),
  add constraint plot_outline_check
    check (cardinality(outline) % 2 = 0 and cardinality(outline) <= 120),
  add constraint plot_photos_check check (cardinality(photos) <= 9);
--;
alter table supply.plot alter column outline drop default, alter column photos drop default;
--;
create table supply.season (
  id uuid constraint season_pk primary key,
  org_id uuid not null,
  plot_id uuid not null constraint season_plot_id_fk references supply.plot (id),
  variety_id uuid not null constraint season_variety_id_fk references catalog.variety (id),
  state text not null,
  planted_on date,
  expected_g bigint not null,
  expected_from date not null,
  expected_until date not null,
  note text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  constraint season_state_check
    check (state in ('planned','growing','harvesting','closed','abandoned')),
  constraint season_expected_g_check check (expected_g > 0),
  constraint season_expected_check check (expected_from <= expected_until)
);
--;
create index season_org_id_ix on supply.season (org_id, state, id);
--;
create index season_plot_id_ix on supply.season (plot_id, variety_id);
--;
create table supply.season_step (
  id uuid constraint season_step_pk primary key,
  season_id uuid not null constraint season_step_season_id_fk references supply.season (id),
  event text not null,
  state text not null,
  why text not null,
  by_person uuid,
  at timestamptz not null
);
--;
create index season_step_season_id_ix on supply.season_step (season_id, id);
--;
create table supply.input_use (
  id uuid constraint input_use_pk primary key,
  season_id uuid not null constraint input_use_season_id_fk references supply.season (id),
  kind text not null,
  product text not null,
  registration_no text not null,
  dose text not null,
  purpose text not null,
  used_on date not null,
  withhold_days smallint not null,
  corrects uuid constraint input_use_corrects_fk references supply.input_use (id),
  withdrawn boolean not null,
  why text not null,
  by_person uuid not null,
  at timestamptz not null,
  constraint input_use_kind_check check (kind in ('fertiliser','pesticide','regulator','other')),
  constraint input_use_withhold_days_check check (withhold_days between 0 and 365),
  constraint input_use_registration_no_check check (kind <> 'pesticide' or registration_no <> ''),
  constraint input_use_withdrawn_check check (not withdrawn or corrects is not null)
);
--;
create index input_use_season_id_ix on supply.input_use (season_id, id);
--;
create unique index input_use_corrects_key on supply.input_use (corrects);
--;
create trigger append_only before update or delete or truncate on supply.season_step
  for each statement execute function supply.refuse_change();
--;
create trigger append_only before update or delete or truncate on supply.input_use
  for each statement execute function supply.refuse_change();
--;
alter table supply.slip add column season_id uuid
  constraint slip_season_id_fk references supply.season (id);
--;
create index slip_season_id_ix on supply.slip (season_id) where season_id is not null;
--;
create index slip_plot_id_ix on supply.slip (plot_id, variety_id, harvested_at);
--;
alter table supply.lot add column season_id uuid
  constraint lot_season_id_fk references supply.season (id);
