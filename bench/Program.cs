using BenchmarkDotNet.Running;
using PromptStudio.Bench.Guardrails;
using PromptStudio.Bench.Screens;
using PromptStudio.Bench.Templating;

if (args is ["templates"])
    return TemplateTable.Run();
if (args is ["guardrails"])
    return GuardrailTable.Run();
if (args is ["fuzz", ..])
    return Fuzz.Run(args.Skip(1).FirstOrDefault(), args.Skip(2).FirstOrDefault());
if (args is ["screenshots", var url, var folder])
    return await Screenshots.RunAsync(new Uri(url), folder);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
