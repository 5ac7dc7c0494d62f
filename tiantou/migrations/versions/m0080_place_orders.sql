drop function trade.place_orders;
--;
drop function trade.write_orders;
--;
-- Decides a batch of one shop's orders, first come first served, and writes what was admitted.
-- A row is a line; `p_head` says where the order of each line begins (none: every line is an order).
-- Lines of an order stand together, share its key, and are admitted together or not at all.
--
-- Verdicts, at the head of each order: 0 admitted, 1 sold out, 2 over the buyer's limit, 3 offer not
-- open, 4 price changed, 5 no such offer, 6 terms changed, 7 below the floor, 8 key used for another
-- request, 9 too many unpaid orders, 10 no day with room, 11 sent later than the buyer saw, 12 a
-- coupon cannot be used. `said` is the number that goes with a verdict: units left (1), bought so
-- far (2), unpaid orders (9), why not (12: 1 not his, 2 used or over, 3 not for this shop, 4 below
-- its threshold). `at_line` is the line that a refusal is about.
-- Batches of one shop go one after the other, so that what a buyer has unpaid in the shop, and his
-- keys, are the same for rivals on different pools too; who changes a shop's days takes the same
-- lock. Every writer of pools locks them in (shop, pool) order, and coupons after them; whoever
-- changes an offer locks its pools first: so what is read after the locks is in force until the end
-- of this transaction.
create function trade.place_orders(
  p_shop uuid, p_now timestamptz, p_hold interval, p_state text,
  p_order uuid[], p_number text[], p_buyer uuid[], p_buyer_no bigint[], p_key uuid[],
  p_asked uuid[], p_offer uuid[], p_units int[], p_price bigint[], p_snapshot bytea[],
  p_freight bigint[], p_origin text[], p_division text[], p_recipient bytea[], p_note text[],
  p_unpaid_max int, p_head int[], p_ship_by date[], p_claim uuid[], p_platform_claim uuid[],
  p_channel text, p_external text[],
  out verdict smallint[], out order_id uuid[], out replay boolean[], out said int[],
  out at_line int[], out day date[], out shop_off bigint[], out platform_off bigint[],
  out offer_id uuid[], out price_fen bigint[], out snapshot bytea[], out per_buyer int[],
  out floor_fen bigint[]
) language plpgsql as $$
#variable_conflict use_column
declare
  n int := cardinality(p_offer);
  today date := (p_now at time zone 'Asia/Shanghai')::date;
  wanted uuid[] := array(select distinct o from unnest(p_offer) o order by o);
  asked_claims uuid[] := array(select distinct c from unnest(p_claim || p_platform_claim) c
                                where c is not null order by c);
  ours boolean := p_external is null;
  limited boolean; cut_off int;
  pool_ids uuid[]; avail int[]; was int[];
  o_id uuid[]; o_open boolean[]; o_price bigint[]; o_floor bigint[]; o_snap bytea[]; o_lim int[];
  o_pack uuid[]; o_net int[]; o_day date[]; o_from int[]; o_to int[];
  d_offer int[]; d_pool int[]; d_per int[]; y_day date[]; y_pool int[];
  c_id uuid[]; c_buyer uuid[]; c_shop uuid[]; c_off bigint[]; c_need bigint[]; c_open boolean[];
  r_offer int[]; r_prior uuid[]; r_asked uuid[]; bought int[]; first_same int[]; first_key int[];
  unpaid int[]; first_buyer int[]; kept int[]; kept_id uuid[];
  goods bigint[]; floors bigint; units int; ship date; drawn int[]; late date;
  used_claim uuid[] := '{}'; used_by uuid[] := '{}'; used_kept uuid[] := '{}'; kept_by uuid[] := '{}';
  i int; j int; k int; l int; e int; o int; b int; c int; done int; have int; v smallint;
  lines int[] := '{}'; heads int[] := '{}';
begin
  perform pg_advisory_xact_lock(7426009, hashtext(p_shop::text));
  select y.boxes is not null, y.cut_off_minute into limited, cut_off
    from trade.capacity y where y.shop_id = p_shop;
  if extract(epoch from (p_now at time zone 'Asia/Shanghai')::time) / 60 >= cut_off then
    today := today + 1;
  end if;

  -- 1. lock every pool that these orders may draw on, always in the same order
  select array_agg(x.pool_id), array_agg(x.available) into pool_ids, avail from (
    select p.pool_id, p.available from trade.pool p
     where p.shop_id = p_shop and p.pool_id in (
       select d.pool_id from trade.draw d
        where d.shop_id = p_shop and d.offer_id = any(wanted)
       union all
       select y.pool_id from trade.day_pool y
        where limited and y.shop_id = p_shop and y.day between today and today + 60)
     order by p.pool_id for update) x;
  was := avail;

  -- 2. new statements see everything that was committed under those locks
  select array_agg(f.offer_id order by f.offer_id),
         array_agg(f.state = 'open' and f.opens_at <= p_now
                   and (f.closes_at is null or p_now < f.closes_at) order by f.offer_id),
         array_agg(f.price_fen order by f.offer_id), array_agg(f.floor_fen order by f.offer_id),
         array_agg(f.snapshot order by f.offer_id), array_agg(f.per_buyer order by f.offer_id),
         array_agg(f.pack_id order by f.offer_id), array_agg(f.net_g order by f.offer_id),
         array_agg(case when f.ship_on is null then today + f.ship_within_days
                        else greatest(f.ship_on, today) end order by f.offer_id)
    into o_id, o_open, o_price, o_floor, o_snap, o_lim, o_pack, o_net, o_day
    from trade.offer f where f.shop_id = p_shop and f.offer_id = any(wanted);
  select array_agg(array_position(o_id, d.offer_id) order by d.offer_id, d.pool_id),
         array_agg(array_position(pool_ids, d.pool_id) order by d.offer_id, d.pool_id),
         array_agg(d.per_unit order by d.offer_id, d.pool_id)
    into d_offer, d_pool, d_per
    from trade.draw d where d.shop_id = p_shop and d.offer_id = any(o_id);
  if limited then
    select array_agg(y.day order by y.day), array_agg(array_position(pool_ids, y.pool_id) order by y.day)
      into y_day, y_pool from trade.day_pool y
     where y.shop_id = p_shop and y.day between today and today + 60;
  end if;
  if array_position(d_pool, null) is not null or array_position(y_pool, null) is not null then
    raise exception 'a pool was added while this batch waited' using errcode = '40001';
  end if;
  o_from := array_fill(1, array[coalesce(cardinality(o_id), 0)]);
  o_to := array_fill(0, array[coalesce(cardinality(o_id), 0)]);
  for j in 1..coalesce(cardinality(d_offer), 0) loop
    o := d_offer[j];
    if o_to[o] = 0 then o_from[o] := j; end if;
    o_to[o] := j;
  end loop;
  if cardinality(asked_claims) > 0 then
    select array_agg(x.claim_id), array_agg(x.buyer_id), array_agg(x.shop_id),
           array_agg(x.off_fen), array_agg(x.threshold_fen), array_agg(x.open)
      into c_id, c_buyer, c_shop, c_off, c_need, c_open from (
      select m.claim_id, m.buyer_id, case k.kind when 'shop' then k.issuer_id end as shop_id,
             k.off_fen, k.threshold_fen, m.state = 'held' and m.usable_until > p_now as open
        from trade.coupon_claim m
        join trade.coupon k on k.issuer_id = m.issuer_id and k.coupon_id = m.coupon_id
       where m.claim_id = any(asked_claims) order by m.claim_id for update of m) x;
  end if;

  select array_agg(array_position(o_id, r.o) order by r.ord),
         array_agg(prior.order_id order by r.ord), array_agg(prior.asked order by r.ord),
         array_agg(coalesce(mine.units, 0) order by r.ord),
         array_agg(coalesce(owes.orders, 0) order by r.ord),
         array_agg(r.same order by r.ord), array_agg(r.fk order by r.ord),
         array_agg(r.fb order by r.ord), array_agg(w.units order by r.ord),
         array_agg(w.waiting_id order by r.ord)
    into r_offer, r_prior, r_asked, bought, unpaid, first_same, first_key, first_buyer, kept, kept_id
    from (select u.o, u.b, u.k, u.x, u.ord,
                 first_value(u.ord) over (partition by u.o, u.b order by u.ord)::int as same,
                 first_value(u.ord) over (partition by u.b, u.k, u.x order by u.ord)::int as fk,
                 first_value(u.ord) over (partition by u.b order by u.ord)::int as fb
            from unnest(p_offer, p_buyer, p_key, p_external) with ordinality u(o, b, k, x, ord)) r
    left join lateral (
      select z.order_id, z.asked from trade.orders z
       where ours and z.shop_id = p_shop and z.buyer_id = r.b and z.idem_key = r.k
      union all
      select z.order_id, z.asked from trade.orders z
       where not ours and z.shop_id = p_shop and z.channel = p_channel and z.external_no = r.x
         and z.external_no is not null) prior on true
    left join lateral (
      select sum(l.units)::int as units
        from trade.order_line l
        join trade.orders z on z.shop_id = p_shop and z.order_id = l.order_id
         and z.state not in ('cancelled', 'closed')
       where l.shop_id = p_shop and l.offer_id = r.o and l.buyer_id = r.b
         and o_lim[array_position(o_id, r.o)] is not null) mine on true
    left join lateral (
      select count(*)::int as orders from trade.orders z
       where z.shop_id = p_shop and z.buyer_id = r.b and z.state = 'pending_payment') owes on true
    left join trade.waiting w on w.shop_id = p_shop and w.offer_id = r.o and w.buyer_id = r.b
     and w.state = 'offered' and w.offered_until > p_now;

  -- 3. decide, strictly in order
  verdict := array_fill(5::smallint, array[n]);
  said := array_fill(0, array[n]);
  at_line := array_fill(1, array[n]);
  replay := array_fill(false, array[n]);
  day := array_fill(null::date, array[n]);
  goods := array_fill(0::bigint, array[n]);
  drawn := array_fill(0, array[n]);
  shop_off := array_fill(0::bigint, array[n]);
  platform_off := array_fill(0::bigint, array[n]);
  order_id := r_prior;
  e := 0;
  while e < n loop
    i := e + 1; e := i;
    if p_head is not null then
      while e < n and p_head[e + 1] = i loop e := e + 1; end loop;
    end if;
    if r_prior[i] is not null then
      replay[i] := true;
      verdict[i] := case when r_asked[i] = p_asked[i] then 0 else 8 end;
      continue;
    end if;
    k := first_key[i];
    if k < i then
      replay[i] := true;
      if p_asked[k] <> p_asked[i] then verdict[i] := 8; continue; end if;
      verdict[i] := verdict[k]; said[i] := said[k]; at_line[i] := at_line[k];
      day[i] := day[k]; order_id[i] := order_id[k];
      continue;
    end if;

    -- every line in turn; `done` is the last one that took its units
    v := 0; done := i - 1; units := 0; floors := 0; ship := null;
    for l in i..e loop
      at_line[i] := l - i + 1;
      o := r_offer[l];
      if o is null then v := 5; exit; end if;
      if ours then
        if not o_open[o] then v := 3; exit; end if;
        if p_price[l] <> o_price[o] then v := 4; exit; end if;
        if p_snapshot[l] <> o_snap[o] then v := 6; exit; end if;
        b := first_same[l];
        if bought[b] + p_units[l] > o_lim[o] then v := 2; said[i] := bought[b]; exit; end if;
        if o_price[o] < o_floor[o] then v := 7; exit; end if;
        if l = i and unpaid[first_buyer[i]] >= p_unpaid_max then
          v := 9; said[i] := unpaid[first_buyer[i]]; exit;
        end if;
      end if;
      have := case when o_to[o] = 0 then 0 end;
      for j in o_from[o]..o_to[o] loop
        have := least(have, avail[d_pool[j]] / d_per[j]);
      end loop;
      have := have + coalesce(kept[first_same[l]], 0);
      if have < p_units[l] then v := 1; said[i] := have; exit; end if;
      -- units that were kept for this buyer are his now, or free again
      if kept[first_same[l]] is not null then
        used_kept := used_kept || kept_id[first_same[l]]; kept_by := kept_by || p_order[i];
      end if;
      for j in o_from[o]..o_to[o] loop
        avail[d_pool[j]] := avail[d_pool[j]]
          - (p_units[l] - coalesce(kept[first_same[l]], 0)) * d_per[j];
      end loop;
      bought[first_same[l]] := bought[first_same[l]] + p_units[l];
      units := units + p_units[l];
      goods[i] := goods[i] + p_units[l] * p_price[l];
      floors := floors + p_units[l] * o_floor[o];
      ship := greatest(ship, o_day[o]);
      done := l;
    end loop;
    if v = 0 then at_line[i] := 1; end if;

    -- the day that packs it
    c := null;
    if v = 0 and limited then
      v := 10;
      for j in 1..coalesce(cardinality(y_day), 0) loop
        if y_day[j] >= ship and avail[y_pool[j]] >= units then
          v := 0; c := y_pool[j]; ship := y_day[j]; exit;
        end if;
      end loop;
    end if;
    day[i] := ship;
    if v = 0 and ship > p_ship_by[i] then v := 11; end if;

    -- at most a coupon of the shop and one of the platform, off the goods only
    if v = 0 and cardinality(asked_claims) > 0 then
      j := array_position(c_id, p_claim[i]); k := array_position(c_id, p_platform_claim[i]);
      said[i] := case
        when p_claim[i] is not null and (j is null or c_buyer[j] <> p_buyer[i])
          or p_platform_claim[i] is not null and (k is null or c_buyer[k] <> p_buyer[i]) then 1
        when not c_open[j] or not c_open[k] then 2
        when j is not null and c_shop[j] is distinct from p_shop or c_shop[k] is not null then 3
        when goods[i] < c_need[j] or goods[i] < c_need[k] then 4
        else 0 end;
      if said[i] > 0 then v := 12;
      else
        shop_off[i] := least(coalesce(c_off[j], 0), goods[i] - 1);
        platform_off[i] := least(coalesce(c_off[k], 0), goods[i] - shop_off[i] - 1);
        if shop_off[i] > 0 and goods[i] - shop_off[i] < floors then v := 7; end if;
      end if;
    end if;

    verdict[i] := v;
    if v <> 0 then
      for l in i..done loop
        o := r_offer[l]; b := first_same[l];
        for j in o_from[o]..o_to[o] loop
          avail[d_pool[j]] := avail[d_pool[j]] + (p_units[l] - coalesce(kept[b], 0)) * d_per[j];
        end loop;
        bought[b] := bought[b] - p_units[l];
        if kept[b] is not null then
          used_kept := trim_array(used_kept, 1); kept_by := trim_array(kept_by, 1);
        end if;
      end loop;
      continue;
    end if;
    if c is not null then avail[c] := avail[c] - units; drawn[i] := units; end if;
    if p_claim[i] is not null then
      c_open[j] := false; used_claim := used_claim || p_claim[i]; used_by := used_by || p_order[i];
    end if;
    if p_platform_claim[i] is not null then
      c_open[k] := false;
      used_claim := used_claim || p_platform_claim[i]; used_by := used_by || p_order[i];
    end if;
    for l in i..e loop
      kept[first_same[l]] := null;
      if p_head is not null then lines := lines || l; end if;
    end loop;
    b := first_buyer[i];
    unpaid[b] := unpaid[b] + 1;
    order_id[i] := p_order[i];
    heads := heads || i;
  end loop;

  -- 4. write what was admitted
  if cardinality(heads) > 0 then
    update trade.pool p set available = x.now_left, taken = p.taken + x.before - x.now_left
      from unnest(pool_ids, was, avail) x(pool_id, before, now_left)
     where p.shop_id = p_shop and p.pool_id = x.pool_id and x.before <> x.now_left;
    perform trade.write_orders(p_shop, p_now, p_hold, p_state, heads,
      case when p_head is null then heads else lines end, p_head, p_order, p_number, p_buyer,
      p_buyer_no, p_key, p_asked, p_offer, p_units, p_price, p_snapshot, p_freight, p_origin,
      p_division, p_recipient, p_note, r_offer, o_pack, o_net, goods, day, drawn, shop_off,
      platform_off, p_channel, p_external);
    if cardinality(used_claim) > 0 then
      update trade.coupon_claim m
         set state = 'used', used_shop_id = p_shop, used_order_id = x.order_id, used_at = p_now
        from unnest(used_claim, used_by) x(claim_id, order_id) where m.claim_id = x.claim_id;
    end if;
    if cardinality(used_kept) > 0 then
      update trade.waiting w set state = 'taken', order_id = x.order_id, ended_at = p_now
        from unnest(used_kept, kept_by) x(waiting_id, order_id)
       where w.shop_id = p_shop and w.waiting_id = x.waiting_id;
    end if;
    perform trade.tell_stock(p_shop, pool_ids, was, p_now);
  end if;
  offer_id := o_id; price_fen := o_price; snapshot := o_snap; per_buyer := o_lim;
  floor_fen := o_floor;
end $$;
--;
-- Writes the admitted ones (`p_at`, the places of their heads; `p_lines`, of their lines): orders,
-- lines, events, the buyers' projection, the facts. One statement for the whole batch. What comes
-- from another channel is paid there.
create function trade.write_orders(
  p_shop uuid, p_now timestamptz, p_hold interval, p_state text, p_at int[], p_lines int[],
  p_head int[], p_order uuid[], p_number text[], p_buyer uuid[], p_buyer_no bigint[], p_key uuid[],
  p_asked uuid[], p_offer uuid[], p_units int[], p_price bigint[], p_snapshot bytea[],
  p_freight bigint[], p_origin text[], p_division text[], p_recipient bytea[], p_note text[],
  r_offer int[], o_pack uuid[], o_net int[], p_goods bigint[], p_day date[], p_drawn int[],
  p_shop_off bigint[], p_platform_off bigint[], p_channel text, p_external text[]
) returns void language sql as $$
  with a as materialized (
    select i, p_order[i] as order_id, p_number[i] as number, p_buyer[i] as buyer_id,
           p_buyer_no[i] as buyer_no, p_key[i] as idem_key, p_asked[i] as asked,
           p_offer[i] as offer_id, p_units[i] as units, p_goods[i] as goods_fen,
           p_freight[i] as freight_fen,
           p_goods[i] + p_freight[i] - p_shop_off[i] - p_platform_off[i] as amount_fen,
           p_shop_off[i] as shop_off_fen, p_platform_off[i] as platform_off_fen,
           p_snapshot[i] as snapshot, p_origin[i] as origin, p_division[i] as division_code,
           p_recipient[i] as recipient, p_note[i] as note, o_pack[r_offer[i]] as pack_id,
           p_day[i] as ship_day, p_drawn[i] as day_units, p_external[i] as external_no
      from unnest(p_at) i
  ), put_orders as (
    insert into trade.orders (shop_id, order_id, number, channel, external_no, paid_by, buyer_id,
        buyer_no, idem_key, asked, state, snapshot, origin, division_code, recipient, note,
        goods_fen, freight_fen, shop_off_fen, platform_off_fen, amount_fen, paid_fen, refunded_fen,
        ship_day, day_units, placed_at, pay_before_at, paid_at, units_back)
      select p_shop, order_id, number, p_channel, external_no,
             case when external_no is null then 'gateway' else 'channel' end, buyer_id, buyer_no,
             idem_key, asked, p_state, snapshot, origin, division_code, recipient, note, goods_fen,
             freight_fen, shop_off_fen, platform_off_fen, amount_fen,
             case when external_no is null then 0 else amount_fen end, 0, ship_day, day_units,
             p_now, case when external_no is null then p_now + p_hold end,
             case when external_no is not null then p_now end, false
        from a
  ), put_lines as (
    insert into trade.order_line (shop_id, order_id, line_no, offer_id, pack_id, buyer_id, units,
        price_fen, amount_fen, net_g, snapshot)
      select p_shop, p_order[l], l - coalesce(p_head[l], l) + 1, p_offer[l], o_pack[r_offer[l]],
             p_buyer[l], p_units[l], p_price[l], p_units[l] * p_price[l], o_net[r_offer[l]],
             case when p_head[l] < l then p_snapshot[l] end
        from unnest(p_lines) l
  ), put_events as (
    insert into trade.order_event (shop_id, order_id, seq, event, state, by, by_id, at)
      select p_shop, order_id, 1, 'place', p_state,
             case when external_no is null then 'buyer' else 'seller' end, buyer_id, p_now from a
  ), put_mine as (
    insert into trade.my_order (buyer_id, order_id, shop_id, state)
      select buyer_id, order_id, p_shop, p_state from a where buyer_id is not null
  )
  insert into trade.outbox (day, id, kind, key, body, at)
    select (p_now at time zone 'UTC')::date, uuidv7(), 'trade.order-placed', order_id::text,
           jsonb_build_object('shop_id', p_shop, 'order_id', order_id, 'number', number,
             'channel', p_channel, 'origin', origin, 'buyer_id', buyer_id, 'buyer_no', buyer_no,
             'offer_id', offer_id, 'pack_id', pack_id, 'units', units, 'goods_fen', goods_fen,
             'amount_fen', amount_fen, 'division_code', division_code), p_now
      from a
$$;
--;
-- A plan cached on an empty table must not survive its growth.
alter function trade.place_orders set enable_seqscan = off;
--;
alter function trade.write_orders set enable_seqscan = off;
