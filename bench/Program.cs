using BenchmarkDotNet.Running;
using System.Globalization;
using PromptStudio.Bench.Experiments;
using PromptStudio.Bench.Guardrails;
using PromptStudio.Bench.Templating;

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
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
