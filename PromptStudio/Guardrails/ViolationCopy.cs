using Npgsql;
using NpgsqlTypes;

namespace PromptStudio.Guardrails;

/// <summary>Writes violations by COPY.</summary>
internal static class ViolationCopy
{
    public const string Command =
        """
        COPY guardrail_violations (id, created_at, execution_id, guardrail_id, name, rule_type, enforcement_level, outcome, scope, variable, prompt_name, template_id, hits,
            message, entity, start, "end") FROM STDIN (FORMAT BINARY)
        """;

    public static void Write(NpgsqlBinaryImporter copy, GuardrailViolation violation)
    {
        copy.StartRow();
        copy.Write(violation.Id, NpgsqlDbType.Uuid);
        copy.Write(violation.CreatedAt.UtcDateTime, NpgsqlDbType.TimestampTz);
        copy.Write(violation.ExecutionId, NpgsqlDbType.Uuid);
        copy.Write(violation.GuardrailId, NpgsqlDbType.Uuid);
        copy.Write(violation.Name, NpgsqlDbType.Text);
        copy.Write(violation.RuleType, NpgsqlDbType.Text);
        copy.Write(violation.EnforcementLevel, NpgsqlDbType.Text);
        copy.Write(violation.Outcome, NpgsqlDbType.Text);
        copy.Write(violation.Scope, NpgsqlDbType.Text);
        Write(copy, violation.Variable);
        copy.Write(violation.PromptName, NpgsqlDbType.Text);
        copy.Write(violation.TemplateId, NpgsqlDbType.Uuid);
        copy.Write(violation.Hits, NpgsqlDbType.Integer);
        copy.Write(violation.Message, NpgsqlDbType.Text);
        Write(copy, violation.Entity);
        Write(copy, violation.Start);
        Write(copy, violation.End);
    }

    private static void Write(NpgsqlBinaryImporter copy, string? text)
    {
        if (text is null)
            copy.WriteNull();
        else
            copy.Write(text, NpgsqlDbType.Text);
    }

    private static void Write(NpgsqlBinaryImporter copy, int? number)
    {
        if (number is { } known)
            copy.Write(known, NpgsqlDbType.Integer);
        else
            copy.WriteNull();
    }
}
