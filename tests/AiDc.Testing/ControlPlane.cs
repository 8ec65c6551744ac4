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
    private readonly TestPki pki;
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private int namespaces;

    private ControlPlane(string folder, ControlPlaneOptions options)
    {
        (Folder, Options) = (folder, options);
        pki = TestPki.Create(Path.Combine(folder, "pki"), clock.GetUtcNow());
    }

    /// <summary>Logs, certificates and data; kept if a start fails or AIDC_KEEP_LOGS is set.</summary>
    public string Folder { get; }

    public ControlPlaneOptions Options { get; }

    /// <summary>For example <c>https://127.0.0.1:43121</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>Bearer token of a member of system:masters.</summary>
    public string AdminToken => token;

    public string CaFile => pki.CaFile;

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
        SslCaCerts = through is null ? [X509CertificateLoader.LoadCertificateFromFile(pki.CaFile)] : null,
    };

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
            ?? throw new FileNotFoundException("No kube-controller-manager beside kube-apiserver: run `make setup`.");
        Start(program, [.. Secondary(), $"--root-ca-file={pki.CaFile}", $"--service-account-private-key-file={pki.ServiceAccountKeyFile}",
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
        WriteFiles(options);
        Start(binaries.Etcd,
        [
            $"--data-dir={Folder}/etcd", $"--listen-client-urls=http://127.0.0.1:{ports[1]}", $"--advertise-client-urls=http://127.0.0.1:{ports[1]}",
            $"--listen-peer-urls=http://127.0.0.1:{ports[2]}", $"--initial-advertise-peer-urls=http://127.0.0.1:{ports[2]}",
            $"--initial-cluster=default=http://127.0.0.1:{ports[2]}", "--log-level=warn", "--logger=zap",
        ]);
        Start(binaries.ApiServer, [.. ApiServerArguments(options, ports[0], ports[1])]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.StartTimeout);
        await WaitReadyAsync(limit.Token);
        if (options.ControllerManager || options.ServiceAccounts) StartControllerManager(options.ControllerManagerArguments);
        if (options.Scheduler)
            Start(binaries.Scheduler ?? throw new FileNotFoundException("No kube-scheduler beside kube-apiserver: run `make setup`."),
                [.. Secondary(), .. options.SchedulerArguments]);
    }

    private IEnumerable<string> ApiServerArguments(ControlPlaneOptions options, int port, int etcdPort) =>
    [
        $"--etcd-servers=http://127.0.0.1:{etcdPort}", $"--secure-port={port}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16", $"--tls-cert-file={pki.CertFile}",
        $"--tls-private-key-file={pki.KeyFile}", $"--token-auth-file={Folder}/tokens.csv", $"--cert-dir={Folder}/pki",
        $"--authorization-mode={(options.Rbac ? "RBAC" : "AlwaysAllow")}", "--service-account-issuer=https://test.invalid", "--api-audiences=api",
        $"--service-account-key-file={pki.ServiceAccountKeyFile}", $"--service-account-signing-key-file={pki.ServiceAccountKeyFile}",
        "--allow-privileged=true", .. options.ServiceAccounts ? Array.Empty<string>() : ["--disable-admission-plugins=ServiceAccount"],
        .. options.ApiServerArguments,
    ];

    private string[] Secondary() =>
    [
        $"--kubeconfig={KubeConfigFile}", $"--authentication-kubeconfig={KubeConfigFile}", $"--authorization-kubeconfig={KubeConfigFile}",
        "--leader-elect=false", "--bind-address=127.0.0.1", $"--secure-port={FreePorts(1)[0]}", $"--cert-dir={Folder}/pki",
    ];

    private void WriteFiles(ControlPlaneOptions options)
    {
        var users = options.Users.Select(user => $"{user.Token},{user.Name},{user.Name},\"{user.Groups}\"");
        File.WriteAllLines(Path.Combine(Folder, "tokens.csv"), users.Prepend($"{token},admin,admin,\"system:masters\""));
        File.WriteAllText(
            KubeConfigFile,
            $$$"""
            {"apiVersion": "v1", "kind": "Config", "current-context": "test",
             "clusters": [{"name": "test", "cluster": {"server": "{{{Address.AbsoluteUri.TrimEnd('/')}}}", "certificate-authority": "{{{pki.CaFile}}}"}}],
             "users": [{"name": "admin", "user": {"token": "{{{token}}}"}}],
             "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}]}
            """);
    }

    private async Task WaitReadyAsync(CancellationToken ct)
    {
        using var kubernetes = new Kubernetes(Configuration());
        while (true)
        {
            foreach (var process in processes) process.ThrowIfExited();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "readyz"));
                request.Headers.Authorization = new("Bearer", token);
                using var response = await kubernetes.HttpClient.SendAsync(request, ct);
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (!ct.IsCancellationRequested)
            {
                // Not listening yet.
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, ct);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"kube-apiserver was not ready in time; logs in {Folder}:\n{processes[^1].LogTail()}", e);
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

    private static int[] FreePorts(int count)
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
