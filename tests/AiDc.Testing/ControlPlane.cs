using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace AiDc.Testing;

/// <summary>
/// A real etcd and kube-apiserver (and, if asked for, controller manager and scheduler) on free ports of loopback, with
/// their files in a temporary folder. Start one per test assembly, and give each test a <see cref="TestNamespace"/>.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private readonly List<ChildProcess> processes = [];
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private int namespaces;

    private ControlPlane(string folder, ControlPlaneOptions options)
    {
        (Folder, Options) = (folder, options);
        Pki = TestPki.Create(Path.Combine(folder, "pki"), clock.GetUtcNow());
    }

    /// <summary>Logs, certificates and data; kept if a start fails or AIDC_KEEP_LOGS is set.</summary>
    public string Folder { get; }

    public ControlPlaneOptions Options { get; }

    /// <summary>For example <c>https://127.0.0.1:43121</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>Bearer token of a member of system:masters.</summary>
    public string AdminToken => token;

    public string CaFile => Pki.CaFile;

    /// <summary>What its programs are, for example 1.20.2.</summary>
    public Version Version { get; } = KubeBinaries.Find().Version;

    internal TestPki Pki { get; }

    internal Uri EtcdAddress { get; private set; } = new("http://127.0.0.1");

    /// <summary>A kubeconfig of the admin, for programs that want a file.</summary>
    public string KubeConfigFile => Path.Combine(Folder, "kubeconfig");

    public static async Task<ControlPlane> StartAsync(ControlPlaneOptions? options = null, CancellationToken ct = default)
    {
        var plane = new ControlPlane(Directory.CreateTempSubdirectory("aidc-control-plane-").FullName, options ?? new());
        try
        {
            await plane.StartProcessesAsync(plane.Options, KubeBinaries.Find(), ct);
            return plane;
        }
        catch
        {
            plane.StopProcesses();
            throw;
        }
    }

    /// <summary>How to reach it: as the admin, or as the owner of another token; and through a proxy, if its address is given.</summary>
    public KubernetesClientConfiguration Configuration(Uri? through = null, string? userToken = null) => new()
    {
        Host = (through ?? Address).ToString(),
        AccessToken = userToken ?? token,
        SslCaCerts = through is null ? [X509CertificateLoader.LoadCertificateFromFile(Pki.CaFile)] : null,
    };

    /// <summary>What its kubectl printed, run as the admin.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Task<string> KubectlAsync(params string[] arguments) => Command.RunAsync(KubeBinaries.Find().Kubectl, [.. arguments, .. KubectlCache], KubectlEnvironment);

    public Task<CommandResult> TryKubectlAsync(IEnumerable<string> arguments, string input = "") =>
        Command.TryAsync(KubeBinaries.Find().Kubectl, [.. arguments, .. KubectlCache], KubectlEnvironment, input);

    /// <summary>A name that no namespace of this control plane has yet.</summary>
    public string NextNamespaceName() => $"test-{Interlocked.Increment(ref namespaces)}";

    /// <summary>The process id of one of its programs, for example <c>kube-apiserver</c>; null where it does not run.</summary>
    public int? ProcessId(string program) => processes.Find(p => p.Name == program)?.ProgramId;

    /// <summary>Kills kube-controller-manager and kube-scheduler, if they run; the API server stays.</summary>
    public void StopControllers()
    {
        foreach (var process in processes.Where(p => p.Name is "kube-controller-manager" or "kube-scheduler").ToArray())
        {
            process.Dispose();
            processes.Remove(process);
        }
    }

    /// <summary>Starts kube-controller-manager, for example with other rate limits than before.</summary>
    public void StartControllerManager(IEnumerable<string> arguments)
    {
        var program = KubeBinaries.Find().ControllerManager
            ?? throw new FileNotFoundException("No kube-controller-manager next to kube-apiserver: run `make setup`.");
        Start(program, [.. Secondary(), $"--root-ca-file={Pki.CaFile}", $"--service-account-private-key-file={Pki.ServiceAccountKeyFile}",
            "--use-service-account-credentials=false", .. arguments]);
    }

    public ValueTask DisposeAsync()
    {
        StopProcesses();
        if (Environment.GetEnvironmentVariable("AIDC_KEEP_LOGS") is null) Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task StartProcessesAsync(ControlPlaneOptions options, KubeBinaries binaries, CancellationToken ct)
    {
        var ports = FreePorts(3);
        Address = new($"https://127.0.0.1:{ports[0]}");
        EtcdAddress = new($"http://127.0.0.1:{ports[1]}");
        WriteFiles(options);
        Start(binaries.Etcd,
        [
            $"--data-dir={Folder}/etcd", $"--listen-client-urls=http://127.0.0.1:{ports[1]}", $"--advertise-client-urls=http://127.0.0.1:{ports[1]}",
            $"--listen-peer-urls=http://127.0.0.1:{ports[2]}", $"--initial-advertise-peer-urls=http://127.0.0.1:{ports[2]}",
            $"--initial-cluster=default=http://127.0.0.1:{ports[2]}", "--log-level=warn", "--logger=zap",
        ]);
        Start(binaries.ApiServer, [.. ApiServerArguments(options, ports[0], ports[1])]);
        await WaitReadyAsync(Address, processes[^1], ct);
        if (options.ControllerManager || options.ServiceAccounts) StartControllerManager(options.ControllerManagerArguments);
        if (options.Scheduler)
            Start(binaries.Scheduler ?? throw new FileNotFoundException("No kube-scheduler next to kube-apiserver: run `make setup`."),
                [.. Secondary(), .. options.SchedulerArguments]);
    }

    private IEnumerable<string> ApiServerArguments(ControlPlaneOptions options, int port, int etcdPort) =>
    [
        $"--etcd-servers=http://127.0.0.1:{etcdPort}", $"--secure-port={port}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16", $"--tls-cert-file={Pki.CertFile}",
        $"--tls-private-key-file={Pki.KeyFile}", $"--token-auth-file={Folder}/tokens.csv", $"--cert-dir={Folder}/pki",
        $"--authorization-mode={(options.Rbac ? "RBAC" : "AlwaysAllow")}", "--service-account-issuer=https://test.invalid", "--api-audiences=api",
        $"--service-account-key-file={Pki.ServiceAccountKeyFile}", $"--service-account-signing-key-file={Pki.ServiceAccountKeyFile}",
        "--allow-privileged=true", .. options.ServiceAccounts ? Array.Empty<string>() : ["--disable-admission-plugins=ServiceAccount"],
        .. options.ApiServerArguments,
    ];

    private string[] KubectlCache => [$"--cache-dir={Folder}/kubectl"];

    private Dictionary<string, string> KubectlEnvironment => new() { ["KUBECONFIG"] = KubeConfigFile };

    private string[] Secondary() =>
    [
        $"--kubeconfig={KubeConfigFile}", $"--authentication-kubeconfig={KubeConfigFile}", $"--authorization-kubeconfig={KubeConfigFile}",
        "--leader-elect=false", "--bind-address=127.0.0.1", $"--secure-port={FreePorts(1)[0]}", $"--cert-dir={Folder}/pki",
        // Until 1.23 there is a second, fixed port, which two planes of one machine cannot both have.
        .. Version < new Version(1, 24) ? ["--port=0"] : Array.Empty<string>(),
    ];

    private void WriteFiles(ControlPlaneOptions options)
    {
        var users = options.Users.Select(user => $"{user.Token},{user.Name},{user.Name},\"{user.Groups}\"");
        File.WriteAllLines(Path.Combine(Folder, "tokens.csv"), users.Prepend($"{token},admin,admin,\"system:masters\""));
        File.WriteAllText(
            KubeConfigFile,
            $$$"""
            {"apiVersion": "v1", "kind": "Config", "current-context": "test",
             "clusters": [{"name": "test", "cluster": {"server": "{{{Address.AbsoluteUri.TrimEnd('/')}}}", "certificate-authority": "{{{Pki.CaFile}}}"}}],
             "users": [{"name": "admin", "user": {"token": "{{{token}}}"}}],
             "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}]}
            """);
    }

    /// <summary>Waits until a server at this address, which trusts the same authority and tokens, is ready.</summary>
    internal async Task WaitReadyAsync(Uri address, ChildProcess server, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Options.StartTimeout);
        using var kubernetes = new Kubernetes(Configuration());
        while (true)
        {
            foreach (var process in processes.Append(server)) process.ThrowIfExited();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "readyz"));
                request.Headers.Authorization = new("Bearer", token);
                using var response = await kubernetes.HttpClient.SendAsync(request, limit.Token);
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (!limit.IsCancellationRequested)
            {
                // Not listening yet.
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, limit.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"{server.Name} was not ready in time; logs in {Folder}:\n{server.LogTail()}", e);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, CancellationToken.None);
        }
    }

    private void Start(string program, IEnumerable<string> arguments)
    {
        var name = $"{Path.GetFileName(program)}-{processes.Count.ToString(CultureInfo.InvariantCulture)}.log";
        processes.Add(new(program, arguments, Path.Combine(Folder, name)));
    }

    private void StopProcesses()
    {
        foreach (var process in Enumerable.Reverse(processes)) process.Dispose();
        processes.Clear();
    }

    internal static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners) listener.Start();
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }
}
