using AiDc.Api.Generator;

// The console is this program's output.
#pragma warning disable RS0030

const string usage = """
    AiDc.Api.Generator                           write crds/, the chart's template of them and docs/reference/ of the repository
    AiDc.Api.Generator --root FOLDER             that one is in, or of the one in FOLDER
    AiDc.Api.Generator --kube-version VERSION    print the definitions for a version of Kubernetes, such as 1.20
    """;

return args switch
{
    [] => Write(Directory.GetCurrentDirectory()),
    ["--root", var root] => Write(root),
    ["--kube-version", var version] => Print(version),
    _ => Fail(usage),
};

static int Write(string folder)
{
    var root = new DirectoryInfo(folder);
    while (root is not null && !File.Exists(Path.Combine(root.FullName, "AiDc.sln")))
        root = root.Parent;
    if (root is null)
        return Fail($"{folder} is not in the repository (no AiDc.sln in it or above): give --root");

    foreach (var (path, text) in GeneratedFiles.All())
    {
        var file = Path.Combine(root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        Console.WriteLine($"wrote {path}");
    }

    return 0;
}

static int Print(string text)
{
    if (!KubeVersion.TryParse(text, out var version))
        return Fail($"--kube-version: '{text}' is not a version such as 1.20");
    Console.Write(GeneratedFiles.Definitions(version));
    return 0;
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
