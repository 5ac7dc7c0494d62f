create table supply.scheme_certificate (
  id uuid constraint scheme_certificate_pk primary key,
  org_id uuid not null,
  scheme text not null,
  no text not null,
  issuer text not null,
  variety_id uuid not null
    constraint scheme_certificate_variety_id_fk references catalog.variety (id),
  certified_g bigint not null,
  valid_from date not null,
  valid_until date not null,
  photo text,
  state text not null,
  note text not null,
  made_by uuid not null,
  made_at timestamptz not null,
  constraint scheme_certificate_scheme_check check (scheme in ('organic','origin','gi')),
  constraint scheme_certificate_state_check
    check (state in ('submitted','verified','refused','revoked','ended')),
  constraint scheme_certificate_certified_g_check check (certified_g between 1 and 2000000000),
  constraint scheme_certificate_valid_check check (valid_from <= valid_until)
);
--;
create unique index scheme_certificate_no_key on supply.scheme_certificate (org_id, scheme, no);
--;
create index scheme_certificate_state_ix on supply.scheme_certificate (state, id);
--;
create table supply.scheme_plot (
  certificate_id uuid
    constraint scheme_plot_certificate_id_fk references supply.scheme_certificate (id),
  plot_id uuid constraint scheme_plot_plot_id_fk references supply.plot (id),
  constraint scheme_plot_pk primary key (certificate_id, plot_id)
);
--;
create table supply.pack_claim (
  id uuid constraint pack_claim_pk primary key,
  org_id uuid not null,
  pack_id uuid not null constraint pack_claim_pack_id_fk references catalog.pack (id),
  claim text not null,
  certificate_id uuid
    constraint pack_claim_certificate_id_fk references supply.scheme_certificate (id),
  made_by uuid not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  constraint pack_claim_claim_check check (claim in ('organic','origin','gi','listed_county')),
  constraint pack_claim_certificate_check
    check ((claim = 'listed_county') = (certificate_id is null))
);
--;
create unique index pack_claim_one_ix on supply.pack_claim (pack_id, claim)
  where ended_at is null;
--;
create index pack_claim_certificate_id_ix on supply.pack_claim (certificate_id);
--;
create table supply.yield_ceiling (
  variety_id uuid constraint yield_ceiling_pk primary key
    constraint yield_ceiling_variety_id_fk references catalog.variety (id),
  g_per_mu bigint not null constraint yield_ceiling_g_per_mu_check check (g_per_mu > 0),
  source text not null,
  set_by uuid not null,
  set_at timestamptz not null
);
--;
-- A certified pool counts grams, so a box draws its net weight.
alter table trade.draw
  drop constraint draw_per_unit_check,
  add constraint draw_per_unit_check check (per_unit between 1 and 1000000);
--;
-- What every offer of a pack draws on besides its stock: certified grams.
create table trade.pack_pool (
  shop_id uuid not null,
  pack_id uuid not null,
  pool_id uuid not null,
  per_unit int not null constraint pack_pool_per_unit_check check (per_unit between 1 and 1000000),
  constraint pack_pool_pk primary key (shop_id, pack_id, pool_id),
  constraint pack_pool_shop_id_pool_id_fk foreign key (shop_id, pool_id)
    references trade.pool (shop_id, pool_id)
);
--;
-- What every offer of a pack says besides, part by part: its claims.
create table trade.pack_part (
  shop_id uuid not null,
  pack_id uuid not null,
  part text not null,
  document jsonb not null,
  constraint pack_part_pk primary key (shop_id, pack_id, part)
);
--;
alter table trade.pool_move
  drop constraint pool_move_reason_check,
  add constraint pool_move_reason_check check (reason in ('packed', 'flash_out', 'flash_in',
    'flash_back', 'returned', 'count', 'certified', 'withdrawn', 'restored'));
