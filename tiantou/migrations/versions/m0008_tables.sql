-- The tables of trade. Statements end at a line that is only two dashes and a semicolon.
CREATE TABLE trade.account (
  shop_id UUID NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  ref UUID,
  CONSTRAINT account_pk PRIMARY KEY (shop_id, name),
  CONSTRAINT account_kind_check CHECK (kind in ('gateway', 'shop', 'host', 'platform', 'grower', 'paid')),
  CONSTRAINT account_ref_check CHECK ((kind = 'grower') = (ref is not null))
)
--;
CREATE TABLE trade.entry (
  shop_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  seq BIGINT GENERATED ALWAYS AS IDENTITY,
  kind TEXT NOT NULL,
  phase TEXT NOT NULL,
  settles UUID,
  order_id UUID,
  ref TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT entry_pk PRIMARY KEY (shop_id, entry_id),
  CONSTRAINT entry_shop_id_settles_key UNIQUE (shop_id, settles),
  CONSTRAINT entry_shop_id_kind_phase_ref_key UNIQUE (shop_id, kind, phase, ref),
  CONSTRAINT entry_kind_check CHECK (kind in ('pay', 'late', 'refund', 'late_back', 'fee', 'owed', 'owed_back', 'payout')),
  CONSTRAINT entry_phase_check CHECK (phase in ('direct', 'pending', 'post', 'void')),
  CONSTRAINT entry_settles_check CHECK ((phase in ('post', 'void')) = (settles is not null))
)
--;
CREATE INDEX entry_shop_id_order_id_ix ON trade.entry (shop_id, order_id)
--;
CREATE TABLE trade.fee_rule (
  shop_id UUID NOT NULL,
  origin TEXT NOT NULL,
  permille INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT fee_rule_pk PRIMARY KEY (shop_id, origin),
  CONSTRAINT fee_rule_permille_check CHECK (permille between 0 and 900)
)
--;
CREATE TABLE trade.my_order (
  buyer_id UUID NOT NULL,
  order_id UUID NOT NULL,
  shop_id UUID NOT NULL,
  state TEXT NOT NULL,
  CONSTRAINT my_order_pk PRIMARY KEY (buyer_id, order_id)
)
--;
CREATE TABLE trade.offer (
  shop_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  product_id UUID NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  paused_by TEXT,
  price_fen BIGINT NOT NULL,
  floor_fen BIGINT NOT NULL,
  listed_fen BIGINT,
  base_kind TEXT,
  base_fen BIGINT,
  per_buyer INTEGER,
  net_g INTEGER NOT NULL,
  opens_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closes_at TIMESTAMP WITH TIME ZONE,
  ship_within_days SMALLINT NOT NULL,
  ship_on DATE,
  snapshot BYTEA NOT NULL,
  CONSTRAINT offer_pk PRIMARY KEY (shop_id, offer_id),
  CONSTRAINT offer_kind_check CHECK (kind in ('standing', 'flash')),
  CONSTRAINT offer_state_check CHECK (state in ('open', 'paused', 'closed')),
  CONSTRAINT offer_paused_by_check CHECK (paused_by in ('seller', 'product', 'recall')),
  CONSTRAINT offer_paused_check CHECK (state <> 'paused' or paused_by is not null),
  CONSTRAINT offer_price_check CHECK (price_fen > 0 and floor_fen >= 0),
  CONSTRAINT offer_base_kind_check CHECK (base_kind in ('lowest_7d', 'usual')),
  CONSTRAINT offer_base_check CHECK ((base_kind is null) = (base_fen is null) and base_fen > 0),
  CONSTRAINT offer_per_buyer_check CHECK (per_buyer between 1 and 999),
  CONSTRAINT offer_net_g_check CHECK (net_g > 0),
  CONSTRAINT offer_window_check CHECK (closes_at > opens_at),
  CONSTRAINT offer_ship_within_days_check CHECK (ship_within_days between 0 and 60),
  CONSTRAINT offer_snapshot_check CHECK (octet_length(snapshot) = 32)
)
--;
CREATE UNIQUE INDEX offer_one_standing_ix ON trade.offer (shop_id, pack_id) WHERE kind = 'standing' and state <> 'closed'
--;
CREATE INDEX offer_product_id_ix ON trade.offer (product_id)
--;
CREATE INDEX offer_shop_id_pack_id_ix ON trade.offer (shop_id, pack_id)
--;
CREATE TABLE trade.order_event (
  shop_id UUID NOT NULL,
  order_id UUID NOT NULL,
  seq SMALLINT NOT NULL,
  event TEXT NOT NULL,
  state TEXT NOT NULL,
  by TEXT NOT NULL,
  by_id UUID,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT order_event_pk PRIMARY KEY (shop_id, order_id, seq),
  CONSTRAINT order_event_by_check CHECK (by in ('buyer', 'seller', 'system', 'carrier', 'operator'))
)
--;
CREATE TABLE trade.orders (
  shop_id UUID NOT NULL,
  order_id UUID NOT NULL,
  number TEXT NOT NULL,
  channel TEXT NOT NULL,
  external_no TEXT,
  paid_by TEXT NOT NULL,
  buyer_id UUID,
  buyer_no BIGINT,
  idem_key UUID,
  asked UUID,
  state TEXT NOT NULL,
  snapshot BYTEA NOT NULL,
  origin TEXT NOT NULL,
  division_code TEXT,
  recipient BYTEA,
  note TEXT NOT NULL,
  goods_fen BIGINT NOT NULL,
  freight_fen BIGINT NOT NULL,
  amount_fen BIGINT NOT NULL,
  paid_fen BIGINT NOT NULL,
  refunded_fen BIGINT NOT NULL,
  ship_day DATE NOT NULL,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  pay_before_at TIMESTAMP WITH TIME ZONE,
  paid_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE,
  units_back BOOLEAN NOT NULL,
  CONSTRAINT orders_pk PRIMARY KEY (shop_id, order_id),
  CONSTRAINT orders_shop_id_number_key UNIQUE (shop_id, number),
  CONSTRAINT orders_shop_id_buyer_id_idem_key_key UNIQUE (shop_id, buyer_id, idem_key),
  CONSTRAINT orders_paid_by_check CHECK (paid_by in ('gateway', 'channel', 'hand')),
  CONSTRAINT orders_external_no_check CHECK ((channel = 'tiantou') = (external_no is null)),
  CONSTRAINT orders_buyer_check CHECK (channel <> 'tiantou' or buyer_id is not null),
  CONSTRAINT orders_state_check CHECK (state in ('pending_payment', 'paid', 'packing', 'packed', 'shipped', 'delivered', 'completed', 'cancelled', 'closed', 'exception')),
  CONSTRAINT orders_parts_check CHECK (goods_fen > 0 and freight_fen >= 0),
  CONSTRAINT orders_amount_check CHECK (amount_fen = goods_fen + freight_fen),
  CONSTRAINT orders_paid_check CHECK (paid_fen in (0, amount_fen)),
  CONSTRAINT orders_refunded_check CHECK (refunded_fen between 0 and paid_fen),
  CONSTRAINT orders_snapshot_check CHECK (octet_length(snapshot) = 32),
  CONSTRAINT orders_note_check CHECK (char_length(note) <= 100)
)
 WITH (fillfactor = 85)
--;
CREATE UNIQUE INDEX orders_external_no_ix ON trade.orders (shop_id, channel, external_no) WHERE external_no is not null
--;
CREATE INDEX orders_origin_ix ON trade.orders (origin) WHERE origin <> 'shop'
--;
CREATE INDEX orders_unpaid_ix ON trade.orders (pay_before_at, shop_id) WHERE state = 'pending_payment'
--;
CREATE INDEX orders_work_ix ON trade.orders (shop_id, order_id) WHERE state in ('paid', 'packing', 'packed')
--;
CREATE TABLE trade.pack_floor (
  shop_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  floor_fen BIGINT NOT NULL,
  CONSTRAINT pack_floor_pk PRIMARY KEY (shop_id, pack_id),
  CONSTRAINT pack_floor_floor_check CHECK (floor_fen >= 0)
)
--;
CREATE TABLE trade.payment (
  payment_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  provider TEXT NOT NULL,
  provider_no TEXT,
  state TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  return_to TEXT NOT NULL,
  redirect_url TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT payment_pk PRIMARY KEY (payment_id),
  CONSTRAINT payment_provider_provider_no_key UNIQUE (provider, provider_no),
  CONSTRAINT payment_state_check CHECK (state in ('started', 'paid', 'refused', 'lapsed', 'returned')),
  CONSTRAINT payment_amount_check CHECK (amount_fen > 0)
)
--;
CREATE INDEX payment_open_ix ON trade.payment (ends_at) WHERE state = 'started'
--;
CREATE TABLE trade.payment_notice (
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT payment_notice_pk PRIMARY KEY (provider, nonce)
)
--;
CREATE INDEX payment_notice_at_ix ON trade.payment_notice (at)
--;
CREATE TABLE trade.pool (
  shop_id UUID NOT NULL,
  pool_id UUID NOT NULL,
  kind TEXT NOT NULL,
  available INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  CONSTRAINT pool_pk PRIMARY KEY (shop_id, pool_id),
  CONSTRAINT pool_kind_check CHECK (kind in ('stock', 'units', 'day', 'certified', 'allotment', 'coupon')),
  CONSTRAINT pool_available_check CHECK (available >= 0),
  CONSTRAINT pool_taken_check CHECK (taken >= 0)
)
 WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
--;
CREATE TABLE trade.shop (
  shop_id UUID NOT NULL,
  number INTEGER GENERATED ALWAYS AS IDENTITY,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT shop_pk PRIMARY KEY (shop_id),
  CONSTRAINT shop_number_key UNIQUE (number)
)
--;
CREATE TABLE trade.snapshot (
  shop_id UUID NOT NULL,
  hash BYTEA NOT NULL,
  document JSONB NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT snapshot_pk PRIMARY KEY (shop_id, hash),
  CONSTRAINT snapshot_hash_check CHECK (octet_length(hash) = 32)
)
--;
CREATE TABLE trade.draw (
  shop_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  pool_id UUID NOT NULL,
  per_unit INTEGER NOT NULL,
  CONSTRAINT draw_pk PRIMARY KEY (shop_id, offer_id, pool_id),
  CONSTRAINT draw_shop_id_offer_id_fk FOREIGN KEY(shop_id, offer_id) REFERENCES trade.offer (shop_id, offer_id),
  CONSTRAINT draw_shop_id_pool_id_fk FOREIGN KEY(shop_id, pool_id) REFERENCES trade.pool (shop_id, pool_id),
  CONSTRAINT draw_per_unit_check CHECK (per_unit between 1 and 100)
)
--;
CREATE INDEX draw_shop_id_pool_id_ix ON trade.draw (shop_id, pool_id)
--;
CREATE TABLE trade.offer_price (
  shop_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  from_at TIMESTAMP WITH TIME ZONE NOT NULL,
  price_fen BIGINT NOT NULL,
  CONSTRAINT offer_price_pk PRIMARY KEY (shop_id, offer_id, from_at),
  CONSTRAINT offer_price_shop_id_offer_id_fk FOREIGN KEY(shop_id, offer_id) REFERENCES trade.offer (shop_id, offer_id),
  CONSTRAINT offer_price_price_check CHECK (price_fen > 0)
)
--;
CREATE TABLE trade.order_line (
  shop_id UUID NOT NULL,
  order_id UUID NOT NULL,
  line_no SMALLINT NOT NULL,
  offer_id UUID NOT NULL,
  pack_id UUID NOT NULL,
  buyer_id UUID,
  units INTEGER NOT NULL,
  price_fen BIGINT NOT NULL,
  amount_fen BIGINT NOT NULL,
  net_g INTEGER NOT NULL,
  CONSTRAINT order_line_pk PRIMARY KEY (shop_id, order_id, line_no),
  CONSTRAINT order_line_shop_id_order_id_fk FOREIGN KEY(shop_id, order_id) REFERENCES trade.orders (shop_id, order_id),
  CONSTRAINT order_line_units_check CHECK (units between 1 and 999 and price_fen > 0),
  CONSTRAINT order_line_amount_check CHECK (amount_fen = units * price_fen)
)
--;
CREATE INDEX order_line_shop_id_offer_id_ix ON trade.order_line (shop_id, offer_id, buyer_id)
--;
CREATE TABLE trade.owed (
  shop_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  line_no SMALLINT NOT NULL,
  household_id UUID NOT NULL,
  order_id UUID NOT NULL,
  slip_id UUID NOT NULL,
  grams BIGINT NOT NULL,
  price_fen_per_jin BIGINT NOT NULL,
  amount_fen BIGINT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT owed_pk PRIMARY KEY (shop_id, entry_id, line_no),
  CONSTRAINT owed_shop_id_entry_id_fk FOREIGN KEY(shop_id, entry_id) REFERENCES trade.entry (shop_id, entry_id),
  CONSTRAINT owed_grams_check CHECK (grams <> 0 and (grams > 0) = (amount_fen >= 0))
)
--;
CREATE INDEX owed_shop_id_household_id_ix ON trade.owed (shop_id, household_id)
--;
CREATE INDEX owed_shop_id_order_id_ix ON trade.owed (shop_id, order_id)
--;
CREATE TABLE trade.payment_part (
  payment_id UUID NOT NULL,
  shop_id UUID NOT NULL,
  order_id UUID NOT NULL,
  amount_fen BIGINT NOT NULL,
  CONSTRAINT payment_part_pk PRIMARY KEY (payment_id, shop_id, order_id),
  CONSTRAINT payment_part_payment_id_fk FOREIGN KEY(payment_id) REFERENCES trade.payment (payment_id),
  CONSTRAINT payment_part_amount_check CHECK (amount_fen > 0)
)
--;
CREATE INDEX payment_part_shop_id_order_id_ix ON trade.payment_part (shop_id, order_id)
--;
CREATE TABLE trade.payout (
  shop_id UUID NOT NULL,
  payout_id UUID NOT NULL,
  household_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  amount_fen BIGINT NOT NULL,
  method TEXT NOT NULL,
  evidence TEXT,
  note TEXT NOT NULL,
  paid_on DATE NOT NULL,
  by_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT payout_pk PRIMARY KEY (shop_id, payout_id),
  CONSTRAINT payout_shop_id_entry_id_fk FOREIGN KEY(shop_id, entry_id) REFERENCES trade.entry (shop_id, entry_id),
  CONSTRAINT payout_amount_check CHECK (amount_fen > 0),
  CONSTRAINT payout_method_check CHECK (method in ('cash', 'bank', 'wechat')),
  CONSTRAINT payout_note_check CHECK (char_length(note) <= 200)
)
--;
CREATE INDEX payout_shop_id_household_id_ix ON trade.payout (shop_id, household_id)
--;
CREATE TABLE trade.pool_move (
  shop_id UUID NOT NULL,
  move_id UUID NOT NULL,
  pool_id UUID NOT NULL,
  delta INTEGER NOT NULL,
  reason TEXT NOT NULL,
  ref TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pool_move_pk PRIMARY KEY (shop_id, move_id),
  CONSTRAINT pool_move_shop_id_pool_id_reason_ref_key UNIQUE (shop_id, pool_id, reason, ref),
  CONSTRAINT pool_move_shop_id_pool_id_fk FOREIGN KEY(shop_id, pool_id) REFERENCES trade.pool (shop_id, pool_id),
  CONSTRAINT pool_move_delta_check CHECK (delta <> 0),
  CONSTRAINT pool_move_reason_check CHECK (reason in ('packed', 'flash_out', 'flash_in', 'flash_back', 'returned', 'count'))
)
--;
CREATE TABLE trade.posting (
  shop_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  line_no SMALLINT NOT NULL,
  account TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  CONSTRAINT posting_pk PRIMARY KEY (shop_id, entry_id, line_no),
  CONSTRAINT posting_shop_id_entry_id_fk FOREIGN KEY(shop_id, entry_id) REFERENCES trade.entry (shop_id, entry_id),
  CONSTRAINT posting_shop_id_account_fk FOREIGN KEY(shop_id, account) REFERENCES trade.account (shop_id, name),
  CONSTRAINT posting_amount_check CHECK (amount_fen <> 0)
)
--;
CREATE INDEX posting_shop_id_account_ix ON trade.posting (shop_id, account)
--;
CREATE TABLE trade.refund (
  shop_id UUID NOT NULL,
  refund_id UUID NOT NULL,
  order_id UUID NOT NULL,
  payment_id UUID NOT NULL,
  late BOOLEAN NOT NULL,
  key TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  reason TEXT NOT NULL,
  by TEXT NOT NULL,
  by_id UUID,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  provider_no TEXT,
  entry_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT refund_pk PRIMARY KEY (shop_id, refund_id),
  CONSTRAINT refund_shop_id_order_id_key_key UNIQUE (shop_id, order_id, key),
  CONSTRAINT refund_shop_id_order_id_fk FOREIGN KEY(shop_id, order_id) REFERENCES trade.orders (shop_id, order_id),
  CONSTRAINT refund_amount_check CHECK (amount_fen > 0),
  CONSTRAINT refund_tries_check CHECK (tries >= 0),
  CONSTRAINT refund_state_check CHECK (state in ('refunding', 'refund_failed', 'refunded', 'manual_refund', 'owed')),
  CONSTRAINT refund_by_check CHECK (by in ('buyer', 'seller', 'system', 'operator'))
)
--;
CREATE TABLE trade.terms (
  shop_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  part TEXT NOT NULL,
  version INTEGER NOT NULL,
  document JSONB NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT terms_pk PRIMARY KEY (shop_id, offer_id, part, version),
  CONSTRAINT terms_shop_id_offer_id_fk FOREIGN KEY(shop_id, offer_id) REFERENCES trade.offer (shop_id, offer_id),
  CONSTRAINT terms_version_check CHECK (version > 0)
)
--;
CREATE TABLE trade.pick (
  shop_id UUID NOT NULL,
  order_id UUID NOT NULL,
  line_no SMALLINT NOT NULL,
  lot_id UUID NOT NULL,
  lot_code TEXT NOT NULL,
  boxes INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pick_pk PRIMARY KEY (shop_id, order_id, line_no, lot_id),
  CONSTRAINT pick_shop_id_order_id_line_no_fk FOREIGN KEY(shop_id, order_id, line_no) REFERENCES trade.order_line (shop_id, order_id, line_no),
  CONSTRAINT pick_boxes_check CHECK (boxes > 0)
)
--;
CREATE INDEX pick_lot_id_ix ON trade.pick (lot_id)
--;
