create table trust.recall (
  id uuid constraint recall_pk primary key,
  org_id uuid not null,
  code text not null,
  drill boolean not null,
  state text not null,
  reason text not null,
  opened_by uuid not null,
  opened_at timestamptz not null,
  activated_at timestamptz,
  closed_at timestamptz,
  trace_ms int,
  constraint recall_state_check check (state in ('draft','active','closed','dropped'))
);
--;
create index recall_org_id_ix on trust.recall (org_id, id);
--;
create table trust.recall_lot (
  recall_id uuid constraint recall_lot_recall_id_fk references trust.recall (id),
  lot_id uuid constraint recall_lot_lot_id_fk references supply.lot (id),
  start boolean not null,
  code text not null,
  kind text not null,
  pack_id uuid,
  made_g bigint not null,
  left_g bigint not null,
  constraint recall_lot_pk primary key (recall_id, lot_id)
);
--;
create index recall_lot_lot_id_ix on trust.recall_lot (lot_id);
--;
create table trust.recall_line (
  recall_id uuid constraint recall_line_recall_id_fk references trust.recall (id),
  order_id uuid,
  line_no smallint,
  lot_id uuid,
  shop_id uuid not null,
  number text not null,
  channel text not null,
  lot_code text not null,
  boxes int not null,
  buyer_id uuid,
  division_code text,
  order_state text not null,
  state text not null,
  refunded_fen bigint not null,
  told_at timestamptz,
  acknowledged_at timestamptz,
  constraint recall_line_pk primary key (recall_id, order_id, line_no, lot_id),
  constraint recall_line_state_check
    check (state in ('queued','told','unreachable','acknowledged')),
  constraint recall_line_amounts_check check (boxes > 0 and refunded_fen >= 0)
);
--;
create index recall_line_queued_ix on trust.recall_line (recall_id, order_id)
  where state = 'queued';
--;
create index recall_line_buyer_id_ix on trust.recall_line (buyer_id);
