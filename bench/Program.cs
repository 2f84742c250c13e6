using System.Globalization;
using BenchmarkDotNet.Running;
using PromptStudio.Bench.Experiments;
using PromptStudio.Bench.Guardrails;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Pages;
using PromptStudio.Bench.Screens;
using PromptStudio.Bench.Soak;
using PromptStudio.Bench.Templating;
using PromptStudio.Bench.Torture;

if (args is ["templates"])
    return TemplateTable.Run();
if (args is ["guardrails"])
    return GuardrailTable.Run();
if (args is ["aa", ..])
    return await NullExperimentTable.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2_000);
if (args is ["recompute", ..])
    return await RecomputeTable.RunAsync(args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 10_000_000);
if (args is ["fuzz", ..])
    return Fuzz.Run(args.Skip(1).FirstOrDefault(), args.Skip(2).FirstOrDefault());
if (args is ["load", .. var options])
    return await LoadBench.RunAsync(options);
if (args is ["scale", .. var scale])
    return await ScaleBench.RunAsync(scale);
if (args is ["kill", .. var kill])
    return await KillBench.RunAsync(kill);
if (args is ["soak", .. var soak])
    return await SoakBench.RunAsync(soak);
if (args is ["pages", .. var pages])
    return await PagesBench.RunAsync(pages);
if (args is ["torture", .. var torture])
    return await TortureTable.RunAsync(torture);
if (args is ["generate", var plan])
    return await LoadGenerator.RunAsync(plan);
if (args is ["bare", var port, var answer])
    return await BareServer.RunAsync(port, answer);
if (args is ["screenshots", var url, var folder])
    return await Screenshots.RunAsync(new Uri(url), folder);
BenchmarkSwitcher.FromAssembly(typeof(TemplateTable).Assembly).Run(args);
return 0;
