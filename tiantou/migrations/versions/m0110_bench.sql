create table trade.waybill (
  shop_id uuid not null,
  waybill text not null,
  carrier text not null,
  order_id uuid not null,
  at timestamptz not null,
  constraint waybill_pk primary key (shop_id, waybill),
  constraint waybill_shop_id_fk foreign key (shop_id, order_id)
    references trade.orders (shop_id, order_id)
)
--;
create index waybill_order_ix on trade.waybill (shop_id, order_id)
--;
create table trade.scan (
  shop_id uuid not null,
  scan_id uuid not null,
  said_order text not null,
  said_box text not null,
  order_id uuid,
  line_no integer,
  box_code text,
  lot_id uuid,
  net_g integer,
  short_fen bigint,
  verdict text not null,
  other text,
  earlier_lot text,
  packer_id uuid not null,
  scanned_at timestamptz not null,
  at timestamptz not null,
  settled_at timestamptz,
  settled_by uuid,
  constraint scan_pk primary key (shop_id, scan_id),
  constraint scan_shop_id_fk foreign key (shop_id, order_id)
    references trade.orders (shop_id, order_id),
  constraint scan_net_g_check check (net_g between 1 and 1000000),
  constraint scan_settled_check check ((settled_at is null) = (settled_by is null))
)
--;
create index scan_order_ix on trade.scan (shop_id, order_id) where verdict = 'in'
--;
create index scan_packer_ix on trade.scan (shop_id, packer_id, at)
--;
create index scan_open_ix on trade.scan (shop_id, at)
  where verdict not in ('in', 'undone') and settled_at is null
