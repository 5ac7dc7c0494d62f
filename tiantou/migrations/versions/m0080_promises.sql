-- What a shop can pack: boxes per weekday from Monday on (none: no limit), and until which minute of
-- the day (Asia/Shanghai) an order still counts for that day.
create table trade.capacity (
  shop_id uuid constraint capacity_pk primary key,
  boxes int[],
  cut_off_minute int not null default 1440,
  at timestamptz not null,
  constraint capacity_boxes_check check (cardinality(boxes) = 7),
  constraint capacity_cut_off_check check (cut_off_minute between 0 and 1440)
);
--;
-- A date on which it is otherwise; 0 is closed.
create table trade.capacity_day (
  shop_id uuid not null,
  day date not null,
  boxes int not null,
  constraint capacity_day_pk primary key (shop_id, day),
  constraint capacity_day_boxes_check check (boxes between 0 and 100000)
);
--;
-- The pool of a packing day; a day that has none is not packed on, where a shop has a limit.
create table trade.day_pool (
  shop_id uuid not null,
  day date not null,
  pool_id uuid not null,
  constraint day_pool_pk primary key (shop_id, day),
  constraint day_pool_shop_id_pool_id_fk foreign key (shop_id, pool_id) references trade.pool (shop_id, pool_id)
);
--;
-- What is taken off a price: of a shop, or of the platform. Its quantity is the pool of its id.
create table trade.coupon (
  issuer_id uuid not null,
  coupon_id uuid not null,
  kind text not null,
  state text not null,
  title text not null,
  off_fen bigint not null,
  threshold_fen bigint not null,
  per_buyer int not null,
  claim_from timestamptz not null,
  claim_until timestamptz not null,
  use_days int,
  use_until timestamptz,
  at timestamptz not null,
  closed_at timestamptz,
  constraint coupon_pk primary key (issuer_id, coupon_id),
  constraint coupon_issuer_id_coupon_id_fk foreign key (issuer_id, coupon_id) references trade.pool (shop_id, pool_id),
  constraint coupon_kind_check check (kind in ('shop', 'platform')),
  constraint coupon_state_check check (state in ('open', 'closed')),
  constraint coupon_title_check check (char_length(title) between 1 and 30),
  constraint coupon_off_check check (off_fen > 0 and threshold_fen > off_fen),
  constraint coupon_per_buyer_check check (per_buyer between 1 and 20),
  constraint coupon_window_check check (claim_until > claim_from),
  constraint coupon_use_check check ((use_days is null) <> (use_until is null)),
  constraint coupon_use_days_check check (use_days between 1 and 365)
);
--;
-- A buyer's piece of a coupon. Platform coupons are used in any shop, so its key is its own.
create table trade.coupon_claim (
  claim_id uuid constraint coupon_claim_pk primary key,
  issuer_id uuid not null,
  coupon_id uuid not null,
  buyer_id uuid not null,
  state text not null,
  usable_until timestamptz not null,
  used_shop_id uuid,
  used_order_id uuid,
  used_at timestamptz,
  at timestamptz not null,
  constraint coupon_claim_issuer_id_coupon_id_fk foreign key (issuer_id, coupon_id) references trade.coupon (issuer_id, coupon_id),
  constraint coupon_claim_state_check check (state in ('held', 'used', 'expired')),
  constraint coupon_claim_used_check check ((state = 'used') = (used_order_id is not null))
);
--;
create index coupon_claim_buyer_ix on trade.coupon_claim (buyer_id, claim_id);
--;
create index coupon_claim_coupon_ix on trade.coupon_claim (issuer_id, coupon_id, buyer_id);
--;
create index coupon_claim_order_ix on trade.coupon_claim (used_shop_id, used_order_id)
  where state = 'used';
--;
create index coupon_claim_held_ix on trade.coupon_claim (usable_until) where state = 'held';
--;
-- Who waits for an offer that is sold out, in the order of coming. An `offered` row holds its units:
-- they are taken out of the offer's pools until `offered_until`.
create table trade.waiting (
  shop_id uuid not null,
  waiting_id uuid not null,
  offer_id uuid not null,
  buyer_id uuid not null,
  place bigint generated always as identity,
  units int not null,
  state text not null,
  at timestamptz not null,
  offered_at timestamptz,
  offered_until timestamptz,
  order_id uuid,
  ended_at timestamptz,
  constraint waiting_pk primary key (shop_id, waiting_id),
  constraint waiting_shop_id_offer_id_fk foreign key (shop_id, offer_id) references trade.offer (shop_id, offer_id),
  constraint waiting_units_check check (units between 1 and 99),
  constraint waiting_state_check
    check (state in ('waiting', 'offered', 'taken', 'lapsed', 'left', 'over')),
  constraint waiting_offered_check check ((state = 'offered') <= (offered_until is not null)),
  constraint waiting_taken_check check ((state = 'taken') = (order_id is not null))
);
--;
create unique index waiting_once_ix on trade.waiting (shop_id, offer_id, buyer_id)
  where state in ('waiting', 'offered');
--;
create index waiting_line_ix on trade.waiting (shop_id, offer_id, place) where state = 'waiting';
--;
create index waiting_buyer_ix on trade.waiting (buyer_id, place);
--;
create index waiting_offered_ix on trade.waiting (offered_until) where state = 'offered';
--;
alter table trade.orders
  add column day_units int not null default 0,
  add column shop_off_fen bigint not null default 0,
  add column platform_off_fen bigint not null default 0,
  drop constraint orders_amount_check,
  add constraint orders_amount_check check
    (amount_fen = goods_fen + freight_fen - shop_off_fen - platform_off_fen),
  add constraint orders_day_units_check check (day_units >= 0),
  add constraint orders_off_check check
    (shop_off_fen >= 0 and platform_off_fen >= 0 and shop_off_fen + platform_off_fen < goods_fen);
--;
-- What the buyer saw of a line; none: what he saw of the order.
alter table trade.order_line add column snapshot bytea,
  add constraint order_line_snapshot_check check (octet_length(snapshot) = 32);
--;
alter table trade.pool_move drop constraint pool_move_reason_check;
--;
alter table trade.pool_move add constraint pool_move_reason_check check (reason in
  ('packed', 'flash_out', 'flash_in', 'flash_back', 'returned', 'count', 'certified', 'withdrawn',
   'restored', 'capacity', 'issued', 'presale'));
