create table supply.grade_standard (
  id uuid constraint grade_standard_pk primary key,
  org_id uuid,
  variety_id uuid constraint grade_standard_variety_id_fk references catalog.variety (id),
  code text not null,
  title text not null,
  source text not null,
  edition text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  retired_at timestamptz
);
--;
create unique index grade_standard_code_key
  on supply.grade_standard (org_id, code, edition) nulls not distinct;
--;
create table supply.grade_spec (
  standard_id uuid constraint grade_spec_standard_id_fk references supply.grade_standard (id),
  rank smallint constraint grade_spec_rank_check check (rank between 1 and 20),
  name text not null,
  tolerance_permille smallint not null
    constraint grade_spec_tolerance_check check (tolerance_permille between 0 and 1000),
  constraint grade_spec_pk primary key (standard_id, rank)
);
--;
create unique index grade_spec_name_key on supply.grade_spec (standard_id, name);
--;
create table supply.grade_limit (
  standard_id uuid,
  rank smallint,
  attribute text constraint grade_limit_attribute_check
    check (attribute in ('diameter_tenth_mm','brix_tenth','blemish_mm2','weight_g')),
  low int,
  high int,
  constraint grade_limit_pk primary key (standard_id, rank, attribute),
  constraint grade_limit_standard_id_rank_fk foreign key (standard_id, rank)
    references supply.grade_spec (standard_id, rank),
  constraint grade_limit_some_check check (low is not null or high is not null),
  constraint grade_limit_order_check check (low <= high)
);
--;
alter table supply.run
  add column standard_id uuid constraint run_standard_id_fk references supply.grade_standard (id),
  add column pack_id uuid constraint run_pack_id_fk references catalog.pack (id),
  add column packer_id uuid,
  add column in_g bigint,
  add column out_g bigint,
  add column gone_g bigint not null default 0,
  add column shrink_g bigint not null default 0,
  add column tolerance_permille smallint not null default 0;
--;
alter table supply.lot
  add column run_id uuid constraint lot_run_id_fk references supply.run (id),
  add column standard_id uuid constraint lot_standard_id_fk references supply.grade_standard (id),
  add column grade_rank smallint;
--;
-- A run named the one lot that it made; now lots name their run. What went into it is what came out.
update supply.run r set in_g = l.grams_in, out_g = l.grams_in, cull_g = 0, pack_id = l.pack_id,
       packer_id = r.by_person
  from supply.lot l where l.id = r.lot_id;
--;
update supply.lot l set run_id = r.id from supply.run r where r.lot_id = l.id;
--;
alter table supply.run
  drop column lot_id,
  alter column in_g set not null,
  alter column out_g set not null,
  alter column gone_g drop default,
  alter column shrink_g drop default,
  alter column tolerance_permille drop default,
  drop constraint run_cull_g_check,
  add constraint run_losses_check check (cull_g >= 0 and gone_g >= 0 and shrink_g >= 0),
  add constraint run_mass_check check (in_g = out_g + cull_g + gone_g + shrink_g),
  add constraint run_tolerance_check check (shrink_g * 1000 <= in_g * tolerance_permille),
  add constraint run_boxes_check
    check ((kind = 'pack') = (boxes is not null) and (kind = 'pack') = (pack_id is not null));
--;
create index run_packer_id_ix on supply.run (org_id, at) where packer_id is not null;
--;
create index lot_run_id_ix on supply.lot (run_id);
--;
alter table supply.lot_edge
  drop constraint lot_edge_grams_check,
  add constraint lot_edge_grams_check check (grams >= 0);
--;
alter table supply.move
  add column note text not null default '',
  drop constraint move_reason_check,
  add constraint move_reason_check check (reason in ('make','grade','pack','pick','cull','shrink',
    'spoil','donate','process','destroy','return','count'));
--;
alter table supply.move alter column note drop default;
--;
create table supply.sample (
  lot_id uuid constraint sample_lot_id_fk references supply.lot (id),
  no smallint,
  diameter_tenth_mm int,
  brix_tenth int,
  blemish_mm2 int,
  weight_g int,
  constraint sample_pk primary key (lot_id, no),
  constraint sample_some_check
    check (num_nonnulls(diameter_tenth_mm, brix_tenth, blemish_mm2, weight_g) > 0)
);
--;
create table supply.box (
  code text constraint box_pk primary key,
  org_id uuid not null,
  lot_id uuid not null constraint box_lot_id_fk references supply.lot (id),
  no int not null,
  net_g bigint not null,
  tare_g bigint not null,
  ref text,
  constraint box_lot_id_no_key unique (lot_id, no),
  constraint box_box_check check (net_g > 0 and tare_g >= 0 and no > 0)
);
--;
create index box_ref_ix on supply.box (ref) where ref is not null;
--;
create table supply.lot_step (
  id uuid constraint lot_step_pk primary key,
  org_id uuid not null,
  lot_id uuid not null constraint lot_step_lot_id_fk references supply.lot (id),
  event text not null,
  state text not null,
  why text not null,
  grams bigint not null,
  ref text,
  by_person uuid,
  at timestamptz not null
);
--;
create index lot_step_lot_id_ix on supply.lot_step (lot_id, id);
--;
create trigger append_only before update or delete or truncate on supply.lot_step
  for each statement execute function supply.refuse_change();
--;
create trigger append_only before update or delete or truncate on supply.sample
  for each statement execute function supply.refuse_change();
