-- Without statistics the planner takes any index that begins with shop_id for as good as the whole
-- key, and keeps such a plan while the table grows: measured 0.7 ms an order after 3,000 orders,
-- more with each. So the columns of the hot keys begin with statistics; the first ANALYZE replaces
-- them by true ones. The tables' own sizes stay unknown: then the planner assumes ten pages.
select pg_restore_attribute_stats(
  'schemaname', 'trade', 'relname', r, 'attname', c, 'inherited', false,
  'null_frac', 0::real, 'avg_width', 16, 'n_distinct', d::real)
  from (values ('orders', 'shop_id', 2), ('orders', 'order_id', -1), ('orders', 'number', -1),
               ('orders', 'idem_key', -1), ('orders', 'buyer_id', -0.2),
               ('order_line', 'shop_id', 2), ('order_line', 'order_id', -1),
               ('order_line', 'offer_id', 20), ('order_line', 'buyer_id', -0.2),
               ('order_event', 'shop_id', 2), ('order_event', 'order_id', -0.2),
               ('refund', 'shop_id', 2), ('pick', 'shop_id', 2), ('payment_part', 'shop_id', 2))
       s(r, c, d)
