using Npgsql;

namespace PromptStudio.Tests.Database;

/// <summary>A database's schema, as lines that can be compared.</summary>
internal static class SchemaText
{
    private const string Sql = """
        WITH studio AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i', 'I', 'S'))
        SELECT format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
        FROM studio c JOIN pg_class k ON k.oid = c.oid AND k.relkind IN ('r', 'p') JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        UNION ALL SELECT format('constraint %s %s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated) FROM pg_constraint k JOIN studio c ON c.oid = k.conrelid
        UNION ALL SELECT format('trigger %s %s %s', c.relname, pg_get_triggerdef(t.oid), t.tgenabled) FROM pg_trigger t JOIN studio c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
        UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN studio c ON c.oid = i.indexrelid
        UNION ALL SELECT format('partition %s %s', k.relname, pg_get_expr(k.relpartbound, k.oid)) FROM pg_class k JOIN studio c ON c.oid = k.oid WHERE k.relispartition AND k.relkind = 'r'
        UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        ORDER BY 1
        """;

    public static async Task<IReadOnlyList<string>> ReadAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await using var command = source.CreateCommand(Sql);
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
            lines.Add(row.GetString(0));
        return lines;
    }
}
