"""The functions that SQL typed by people may call; what is not listed is refused.

Left out on purpose: whatever reads files, settings, secrets or the environment, runs text as SQL, sleeps, tells
about storage (``stats``), or makes a huge value out of a small one (``repeat``, ``range``, ``lpad``, ``format``).
"""

from __future__ import annotations

AGGREGATES = """
any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_min argmax argmin array_agg avg
bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first
fsum geomean geometric_mean group_concat histogram kahan_sum kurtosis last list listagg mad max max_by mean median
min min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2
regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp string_agg sum
sumkahan var_pop var_samp variance wavg weighted_avg
"""
WINDOWS = """
cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""
NUMBERS = """
+ - * / // % ** ^ & | ~ << >> @ ! !__postfix abs acos add asin atan atan2 cbrt ceil ceiling cos cot degrees divide even
exp fdiv floor fmod gcd greatest isfinite isinf isnan lcm least ln log log10 log2 mod multiply pi pow power
radians round round_even roundbankers sign sin sqrt subtract tan trunc width_bucket xor equi_width_bins
"""
TEXTS = """
|| ~~ !~~ ~~* !~~* ~~~ ^@ like_escape not_like_escape ilike_escape not_ilike_escape ascii bit_length char_length
character_length chr concat concat_ws contains damerau_levenshtein ends_with hamming instr jaccard jaro_similarity
jaro_winkler_similarity lcase left len length length_grapheme levenshtein lower ltrim md5 nfc_normalize ord position
prefix regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array replace
reverse right rtrim sha256 split split_part starts_with str_split string_split string_to_array strip_accents strlen
strpos substr substring suffix translate trim ucase unicode upper
"""
TIMES = """
age ago century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub date_trunc
datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms
get_current_time get_current_timestamp hour isodow isoyear julian last_day make_date make_time make_timestamp
microsecond millisecond minute month monthname now quarter second strftime strptime time_bucket timezone to_centuries
to_days to_decades to_hours to_milliseconds to_microseconds to_minutes to_months to_quarters to_seconds to_timestamp
to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek
"""
NESTED = """
&& <@ @> aggregate apply array_aggregate array_append array_concat array_contains array_distinct array_extract
array_filter array_has array_has_all array_has_any array_length array_position array_prepend array_reverse_sort
array_slice array_sort array_to_string array_transform array_unique cardinality element_at filter flatten list_aggr
list_aggregate list_any_value list_append list_apply list_avg list_cat list_concat list_contains list_count
list_distinct list_element list_extract list_filter list_first list_has list_has_all list_has_any list_indexof
list_intersect list_last list_max list_median list_min list_mode list_position list_prepend list_reduce list_reverse
list_reverse_sort list_select list_slice list_sort list_string_agg list_sum list_transform list_unique list_value
list_where list_zip map map_contains map_entries map_extract map_from_entries map_keys map_values row struct_extract
struct_extract_at struct_insert struct_keys struct_pack struct_values unnest
-> ->> json json_array json_array_length json_contains json_exists json_extract json_extract_path
json_extract_path_text json_extract_string json_keys json_object json_type json_valid json_value to_json
"""
OTHERS = "coalesce constant_or_null if ifnull nullif hash typeof grouping grouping_id"

ALLOWED = frozenset(" ".join((AGGREGATES, WINDOWS, NUMBERS, TEXTS, TIMES, NESTED, OTHERS)).split())
