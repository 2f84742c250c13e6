using System.Text.Json;
using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Shell;

namespace PromptStudio.Guardrails.Pages;

/// <summary>Tries a guardrail that is being written: on a text, while it is typed, and on what was rendered lately.</summary>
public sealed partial class TryPanel : IDisposable
{
    private const int TextMaxLength = 200_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _left = new();
    private CancellationTokenSource? _typing;
    private TestedGuardrail? _tested;
    private Lookback? _past;
    private string _text = "";
    private string _variables = "";
    private string? _variablesProblem;
    private string? _pastProblem;
    private bool _isLooking;
    private bool _asksModel;

    [Inject]
    public required GuardrailTrial Trial { get; init; }

    [Inject]
    public required GuardrailLookback Lookback { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Parameter, EditorRequired]
    public required GuardrailDraft Draft { get; set; }

    /// <summary>What the rule says, or null: it cannot be built.</summary>
    [Parameter]
    public EventCallback<TestedGuardrail?> OnTested { get; set; }

    /// <summary>Why the rule cannot be built; null: it can, or it is empty.</summary>
    public string? RuleProblem { get; private set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
        _typing?.Dispose();
    }

    /// <summary>Tests when the person pauses.</summary>
    public async Task TestSoonAsync()
    {
        _past = null;
        if (_typing is not null)
            await _typing.CancelAsync();
        _typing?.Dispose();
        _typing = CancellationTokenSource.CreateLinkedTokenSource(_left.Token);
        try
        {
            await Task.Delay(Pause, Clock, _typing.Token);
            await TestAsync(_typing.Token);
        }
        catch (OperationCanceledException)
        {
            // They type on.
        }
    }

    protected override async Task OnInitializedAsync()
    {
        if (!IsEmpty)
            await TestAsync(_left.Token);
    }

    /// <summary>A rule that nobody has filled in yet is not wrong.</summary>
    private bool IsEmpty => Draft.RuleType switch
    {
        Core.Guardrails.RuleType.Regex => Draft.Rule.Patterns.Trim().Length == 0,
        Core.Guardrails.RuleType.Keyword => Draft.Rule.Words.Trim().Length == 0,
        Core.Guardrails.RuleType.MaxLength => Draft.Rule is { Characters: null, Tokens: null },
        Core.Guardrails.RuleType.Custom => Draft.Rule.Expression.Trim().Length == 0,
        // It asks a model, which costs: only when it is told to.
        Core.Guardrails.RuleType.ModelCheck => !_asksModel || Draft.Rule.Url.Trim().Length == 0 || _text.Length == 0,
        _ => false,
    };

    private Task TypedAsync(ChangeEventArgs change)
    {
        _text = change.Value?.ToString() is { } text ? text[..Math.Min(text.Length, TextMaxLength)] : "";
        return TestSoonAsync();
    }

    private Task VariablesTypedAsync(ChangeEventArgs change)
    {
        _variables = change.Value?.ToString() ?? "";
        return TestSoonAsync();
    }

    private async Task TestAsync(CancellationToken cancellationToken)
    {
        (RuleProblem, _variablesProblem) = (null, null);
        _tested = null;
        if (!IsEmpty)
        {
            try
            {
                var answer = await Trial.RunAsync(await Me.GetAsync(), new GuardrailTest { Text = _text, Variables = Variables(), Rule = Draft.ToRule() }, cancellationToken);
                (_tested, RuleProblem) = (answer.Value?.Guardrails[0], answer.Problem?.Detail);
            }
            catch (FormatException exception)
            {
                RuleProblem = exception.Message;
            }
            catch (JsonException)
            {
                _variablesProblem = L["The variables are no JSON object."];
            }
        }
        await OnTested.InvokeAsync(_tested);
        if (_text.Length == 0)
            _tested = null;
    }

    /// <summary>Asks the model about the text as it stands; typing asks nobody.</summary>
    private async Task AskAsync()
    {
        _asksModel = true;
        try
        {
            await TestAsync(_left.Token);
        }
        finally
        {
            _asksModel = false;
        }
    }

    private JsonElement Variables() => _variables.Trim().Length == 0 ? default : JsonElement.Parse(_variables);

    private async Task LookBackAsync()
    {
        _isLooking = true;
        (_past, _pastProblem) = (null, null);
        StateHasChanged();
        try
        {
            var asked = Draft.ToNew();
            var answer = await Lookback.RunAsync(await Me.GetAsync(), new LookbackRequest { Rule = Draft.ToRule(), Scope = asked.Scope, Variables = asked.Variables, AppliesTo = asked.AppliesTo }, _left.Token);
            (_past, _pastProblem) = (answer.Value, answer.Problem?.Detail);
        }
        catch (FormatException exception)
        {
            _pastProblem = exception.Message;
        }
        finally
        {
            _isLooking = false;
        }
    }

    private IReadOnlyList<Mark> Marks(TestedGuardrail tested) =>
        [.. tested.Spans.Select(span => new Mark(span.Start, span.End, span.Entity is null ? span.Message : $"{RuleNames.Spelled(span.Entity)}: {span.Message}", RuleNames.LevelStyle(Draft.Level)))];

    private static string Micro(double microseconds) => microseconds < 1_000
        ? microseconds.ToString("0.#", Languages.Current.Format) + "\u00a0µs"
        : (microseconds / 1_000).ToString("0.0", Languages.Current.Format) + "\u00a0ms";
}
