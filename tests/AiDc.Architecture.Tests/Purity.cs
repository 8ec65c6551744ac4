using System.Text.RegularExpressions;
using Mono.Cecil;

namespace AiDc.Architecture.Tests;

/// <summary>What a pure function must not touch: the world outside, the clock, chance, tasks and logs.</summary>
internal static partial class Purity
{
    private static readonly string[] ImpureNamespaces =
        [
            "System.Net.Http.", "System.Net.Sockets.", "System.Threading.Tasks.", "System.Threading.Channels.", "System.Diagnostics.Process",
            "Microsoft.Extensions.Logging.", "AiDc.ControllerRuntime.Client.IKubernetesClient", "AiDc.ControllerRuntime.Client.KubernetesClient", "Grpc.",
        ];

    private static readonly HashSet<string> ImpureTypes =
    [
        "System.IO.File", "System.IO.FileInfo", "System.IO.FileStream", "System.IO.Directory", "System.IO.DirectoryInfo", "System.IO.Stream",
        "System.IO.StreamReader", "System.IO.StreamWriter",
        "System.Console", "System.TimeProvider", "System.Random", "System.Diagnostics.Stopwatch",
        "System.Threading.CancellationToken", "System.Threading.Thread", "System.Threading.Timer",
        "k8s.IKubernetes", "k8s.Kubernetes", "k8s.GenericClient",
    ];

    private static readonly HashSet<string> ImpureMembers =
    [
        "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow",
        "System.Guid::NewGuid", "System.Security.Cryptography.RandomNumberGenerator::GetBytes",
    ];

    /// <summary>Whether a use, as <see cref="TypeUse"/> names it, is none for pure code.</summary>
    public static bool IsImpure(string use) =>
        ImpureMembers.Contains(use)
        || ImpureTypes.Contains(use.Split("::")[0])
        // The compiler's own, in each method that yields.
        || (use.StartsWith("System.Environment::", StringComparison.Ordinal) && use != "System.Environment::get_CurrentManagedThreadId")
        || ImpureNamespaces.Any(n => use.StartsWith(n, StringComparison.Ordinal));

    /// <summary>Whether a type, or the type that it is nested in, has to be pure by its name or its namespace.</summary>
    public static bool MustBePure(TypeDefinition type)
    {
        var outer = type;
        while (outer.DeclaringType is not null)
            outer = outer.DeclaringType;
        return PureName().IsMatch(outer.Name) || PureNamespace().IsMatch(outer.Namespace);
    }

    [GeneratedRegex("(Planner|Policy|Builder|Calculator)(`[0-9]+)?$")]
    private static partial Regex PureName();

    [GeneratedRegex(@"\.(Planning|Policies|Builders)(\.|$)")]
    private static partial Regex PureNamespace();
}
