using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Shell;

namespace PromptStudio.Experiments.Pages;

/// <summary>The sample size calculator beside the form: it answers while somebody types, and takes over what the form says of groups, coverage and threshold.</summary>
public sealed partial class SampleSizePanel : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private SampleSizeAnswer? _answer;
    private double? _baseline;
    private double? _effect = 5;
    private double? _deviation;
    private double? _difference;
    private double? _usersPerDay;
    private double? _given;
    private string? _problem;
    private string? _measured;
    private string? _asked;
    private bool _isMeasured;

    [Inject]
    public required Calculators Calculators { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    /// <summary>The metric that decides.</summary>
    [Parameter, EditorRequired]
    public required Metric Metric { get; set; }

    [Parameter, EditorRequired]
    public int Groups { get; set; }

    /// <summary>Per cent of the users.</summary>
    [Parameter, EditorRequired]
    public decimal Coverage { get; set; }

    [Parameter, EditorRequired]
    public double Threshold { get; set; }

    [Parameter, EditorRequired]
    public required string Method { get; set; }

    /// <summary>Whose traffic is taken; empty: none is known.</summary>
    [Parameter, EditorRequired]
    public required string Prompt { get; set; }

    /// <summary>The control's success rate so far; null: not known.</summary>
    [Parameter]
    public double? Baseline { get; set; }

    /// <summary>Takes the answer over.</summary>
    [Parameter]
    public EventCallback<long> OnUsed { get; set; }

    private bool IsRate => Metric.Unit == "%";

    private MetricWords Words => new(L);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Metric == Metric.SuccessRate && Baseline is { } rate && rate != _given)
            (_given, _baseline) = (rate, Math.Round(rate * 100, 1));
        if (Prompt != _measured)
        {
            _measured = Prompt;
            await MeasureAsync();
        }
        await AskAsync();
    }

    private string Days(double? days) => days switch
    {
        null => L["no traffic"],
        > 3650 => L["over 10 years"],
        { } known => L.Count((long)Math.Ceiling(known), "1 day", "{0} days"),
    };

    /// <summary>The prompt's users of the last 24 hours; asked once a prompt, not at every key.</summary>
    private async Task MeasureAsync()
    {
        (_isMeasured, _usersPerDay) = (false, null);
        if (Prompt.Length == 0)
            return;
        var answer = await Calculators.SampleSizeAsync(await Me.GetAsync(), new SampleSizeQuestion { BaselineRate = 0.5, MinimumEffect = 0.1, PromptName = Prompt }, _left.Token);
        (_isMeasured, _usersPerDay) = (answer.Value is not null, answer.Value?.UsersPerDay);
    }

    private async Task AskAsync()
    {
        var question = Question();
        var asked = question?.ToString();
        if (asked == _asked)
            return;
        (_asked, _answer, _problem) = (asked, null, null);
        if (question is null)
            return;
        var answer = await Calculators.SampleSizeAsync(await Me.GetAsync(), question, _left.Token);
        (_answer, _problem) = (answer.Value, answer.Problem is { } problem ? Said(problem.Extensions.GetValueOrDefault("member") as string, problem.Detail) : null);
    }

    /// <summary>The API speaks of its members; the form has other names for them.</summary>
    private string Said(string? member, string detail) => member switch
    {
        "coverage" => L["Nobody takes part, so nothing is ever found."],
        "baseline_rate" or "minimum_effect" when IsRate => L["The control's figure, and what it becomes, must be between 0 and 100 %."],
        "standard_deviation" => L["The standard deviation must be above 0."],
        _ => detail,
    };

    private SampleSizeQuestion? Question()
    {
        if (IsRate ? _baseline is null || _effect is null : _deviation is null || _difference is null)
            return null;
        return new SampleSizeQuestion
        {
            BaselineRate = IsRate ? _baseline / 100 : null,
            StandardDeviation = IsRate ? null : _deviation,
            MinimumEffect = IsRate ? _effect / 100 : _difference,
            Groups = Groups,
            SignificanceThreshold = Threshold,
            UsersPerDay = _usersPerDay,
            Coverage = (double)Coverage,
        };
    }
}
