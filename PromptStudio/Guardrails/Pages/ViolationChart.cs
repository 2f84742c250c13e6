using PromptStudio.Shell;

namespace PromptStudio.Guardrails.Pages;

/// <summary>The days of the violation log as a chart; outcomes that no day has are left out.</summary>
public static class ViolationChart
{
    /// <param name="byDay">The days.</param>
    /// <param name="name">What an outcome is called.</param>
    /// <param name="day">What a day is called.</param>
    public static ChartData Of(ViolationsByDay byDay, Func<string, string> name, string day)
    {
        (string Outcome, string Color, Func<ViolationDay, int> Count)[] outcomes =
        [
            (ViolationOutcome.Blocked, ChartColors.Vermilion, one => one.Blocked),
            (ViolationOutcome.WouldBlock, ChartColors.Orange, one => one.WouldBlock),
            (ViolationOutcome.Warned, ChartColors.Sky, one => one.Warned),
            (ViolationOutcome.Logged, ChartColors.Grey, one => one.Logged),
            (ViolationOutcome.Error, ChartColors.Purple, one => one.Error),
        ];
        return new ChartData
        {
            Kind = ChartData.Bars,
            LabelsAre = day,
            Labels = [.. byDay.Days.Select(one => one.Day.ToString("d MMM", Languages.Current.Format))],
            Series =
            [
                .. outcomes.Where(outcome => byDay.Days.Any(one => outcome.Count(one) > 0))
                    .Select(outcome => new ChartSeries(name(outcome.Outcome), outcome.Color, [.. byDay.Days.Select(one => (double?)outcome.Count(one))])),
            ],
        };
    }
}
