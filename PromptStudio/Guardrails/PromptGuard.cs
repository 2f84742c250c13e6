using System.Text.Json;
using PromptStudio.Core.Guardrails;
using PromptStudio.Prompts;

namespace PromptStudio.Guardrails;

/// <summary>What is handed out and stored of a render, as its prompt's guardrails want it.</summary>
/// <param name="Verdict">What they found.</param>
/// <param name="Variables">JSON, as it is stored.</param>
/// <param name="Prompt">As it is stored; callers get it as it is.</param>
/// <param name="Error">As it is stored.</param>
/// <param name="IsRedacted">Whether something is blacked out in what is stored.</param>
public sealed record GuardedRender(Verdict Verdict, string Variables, string Prompt, string? Error, bool IsRedacted);

/// <summary>What is told and stored of a response.</summary>
/// <param name="Verdict">What guardrails found.</param>
/// <param name="Response">As it is stored.</param>
/// <param name="Error">As it is stored.</param>
public sealed record GuardedResponse(Verdict Verdict, string? Response, string? Error);

/// <summary>Stands between what is rendered or reported and what is handed out and stored.</summary>
public sealed class PromptGuard(GuardrailCatalogue catalogue, GuardrailChecks checks, ModelChecks models, Redactor redactor)
{
    /// <summary>A first look at a render, which waits for nothing and, mostly, allocates nothing.</summary>
    /// <param name="name">The prompt.</param>
    /// <param name="category">The prompt's.</param>
    /// <param name="about">The version's name, number and category.</param>
    /// <param name="variables">What it was rendered with.</param>
    /// <param name="prompt">The text.</param>
    /// <returns>Whether nothing was found, and nothing is to be blacked out; else <see cref="RenderAsync"/> says what is.</returns>
    public bool Passes(string name, string? category, JsonElement about, JsonElement variables, string prompt)
    {
        if (catalogue.For(name, category) is not { LooksAtRenders: true } rules)
            return true;
        return rules is { Prompt: { } looking, Variables.Count: 0, PromptRedactors: null, AsksModels: false } && GuardrailChecks.Passes(looking, prompt, new RuleContext(variables, about));
    }

    /// <summary>Whether a render of a template has to wait for a model: then <see cref="RenderAsync"/> looks at it, otherwise <see cref="Render"/> does it all.</summary>
    public bool AsksModels(PromptTemplate template) => catalogue.For(template.Name, template.Category) is { AsksModels: true };

    /// <summary>Looks at a render with what needs nobody else. A prompt without guardrails costs one look into memory.</summary>
    /// <inheritdoc cref="RenderAsync"/>
    public GuardedRender Render(PromptTemplate template, JsonElement variables, string prompt, string? error, string unit, CancellationToken cancellationToken)
    {
        // One that redacts renders looks at them too.
        if (catalogue.For(template.Name, template.Category) is not { LooksAtRenders: true } rules)
            return new GuardedRender(Verdict.Clean, variables.GetRawText(), prompt, error, false);
        var context = new RuleContext(variables, Template(template));
        return Redacted(rules, error is null ? checks.Prompt(rules, prompt, context, unit, cancellationToken) : Verdict.Clean, context, prompt, error, cancellationToken);
    }

    /// <summary>Looks at a render, and lets models look at what nothing else blocks.</summary>
    /// <param name="template">What was rendered.</param>
    /// <param name="variables">What it was rendered with.</param>
    /// <param name="prompt">The text; empty when the render failed.</param>
    /// <param name="error">Why it failed; null: it did not, so guardrails look at the text.</param>
    /// <param name="unit">The user, or the execution.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<GuardedRender> RenderAsync(PromptTemplate template, JsonElement variables, string prompt, string? error, string unit, CancellationToken cancellationToken)
    {
        // The same rules for both looks, should they change between them.
        if (error is not null || catalogue.For(template.Name, template.Category) is not { AsksModels: true } rules)
            return Render(template, variables, prompt, error, unit, cancellationToken);
        var context = new RuleContext(variables, Template(template));
        var verdict = checks.Prompt(rules, prompt, context, unit, cancellationToken);
        // A model takes its time, and costs money: it is not asked about what is blocked without it.
        if (!verdict.Blocks)
            verdict = verdict.And(GuardrailChecks.Weigh(await models.PromptAsync(rules, prompt, variables, cancellationToken), unit));
        return Redacted(rules, verdict, context, prompt, error, cancellationToken);
    }

    /// <summary>Looks at what a caller reports.</summary>
    /// <param name="template">What was rendered.</param>
    /// <param name="variables">As they are stored, for expressions.</param>
    /// <param name="response">The model's answer; null: none is reported.</param>
    /// <param name="error">What went wrong; null: nothing is reported.</param>
    /// <param name="unit">The user, or the execution.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<GuardedResponse> ReportAsync(PromptTemplate template, string variables, string? response, string? error, string unit, CancellationToken cancellationToken)
    {
        if (catalogue.For(template.Name, template.Category) is not { } rules)
            return new GuardedResponse(Verdict.Clean, response, error);
        var context = new RuleContext(JsonElement.Parse(variables), Template(template));
        var verdict = response is null ? Verdict.Clean : checks.Response(rules, response, context, unit, cancellationToken);
        if (response is not null && !verdict.Blocks)
            verdict = verdict.And(GuardrailChecks.Weigh(await models.ResponseAsync(rules, response, cancellationToken), unit));
        var blackouts = redactor.Look(rules.ResponseRedactors, [response ?? "", error ?? ""], context, cancellationToken);
        return new GuardedResponse(verdict, response is null ? null : blackouts.Of(response), error is null ? null : blackouts.Of(error));
    }

    /// <summary>All places that guardrails find in a preview; nothing is blocked, and nothing stored.</summary>
    /// <param name="name">The prompt; empty: it has none yet, so only guardrails of all prompts look.</param>
    /// <param name="category">The prompt's.</param>
    /// <param name="variables">What it was rendered with.</param>
    /// <param name="prompt">The text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<Violation>> PreviewAsync(string name, string? category, JsonElement variables, string prompt, CancellationToken cancellationToken)
    {
        if (catalogue.ForTrial(name, category) is not { } rules)
            return [];
        var template = JsonSerializer.SerializeToElement(new Dictionary<string, object?> { ["name"] = name, ["version"] = null, ["category"] = category });
        var found = checks.Locate(rules, prompt, new RuleContext(variables, template), cancellationToken);
        found.AddRange(await models.PromptAsync(rules, prompt, variables, cancellationToken));
        return [.. GuardrailChecks.Places(found).Select(violation => violation.WithVariable(violation.Variable))];
    }

    private GuardedRender Redacted(PromptRules rules, Verdict verdict, in RuleContext context, string prompt, string? error, CancellationToken cancellationToken)
    {
        var variables = context.Variables!.Value;
        var blackouts = redactor.Look(rules.PromptRedactors, VariableTexts.All(variables).Prepend(error ?? "").Prepend(prompt), context, cancellationToken);
        if (verdict.Violations.Count > 0)
            verdict = new Verdict([.. verdict.Violations.Select(violation => violation.WithVariable(blackouts.OfPath(violation.Variable)))]);
        return new GuardedRender(verdict, blackouts.Of(variables), blackouts.Of(prompt), error is null ? null : blackouts.Of(error), blackouts.Any);
    }

    private static JsonElement Template(PromptTemplate template) => JsonSerializer.SerializeToElement(
        new Dictionary<string, object?> { ["name"] = template.Name, ["version"] = template.Version, ["category"] = template.Category });
}
