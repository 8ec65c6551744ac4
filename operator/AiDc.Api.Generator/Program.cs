using AiDc.Api.Generator;

// The console is this program's output.
#pragma warning disable RS0030

const string usage = """
    AiDc.Api.Generator --root FOLDER             write crds/, the chart's template of them and docs/reference/ below FOLDER
    AiDc.Api.Generator --kube-version VERSION    print the definitions for a version of Kubernetes, such as 1.20
    """;

switch (args)
{
    case ["--root", var root] when File.Exists(Path.Combine(root, "AiDc.sln")):
        foreach (var (path, text) in GeneratedFiles.All())
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
            Console.WriteLine($"wrote {path}");
        }

        return 0;

    case ["--root", var root]:
        Console.Error.WriteLine($"--root: {root} is not the root of the repository (no AiDc.sln in it)");
        return 2;

    case ["--kube-version", var text] when KubeVersion.TryParse(text, out var version):
        Console.Write(GeneratedFiles.Definitions(version));
        return 0;

    case ["--kube-version", var text]:
        Console.Error.WriteLine($"--kube-version: '{text}' is not a version such as 1.20");
        return 2;

    default:
        Console.Error.WriteLine(usage);
        return 2;
}
