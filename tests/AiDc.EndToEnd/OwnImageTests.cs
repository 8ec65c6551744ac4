namespace AiDc.EndToEnd;

/// <summary>Images that know nothing of AiDc: the environment they get, and how a gang of them fails and ends.</summary>
public sealed class OwnImageTests
{
    [Test]
    public void Three_workers_find_rank_zero_by_the_environment_alone()
    {
        using var bed = new TestBed("gang");
        bed.Apply(Gang(bed, "gang", replicas: 3, script: """
            set -e
            if [ "$RANK" = 0 ]; then
              perl -MIO::Socket::INET -e '
                my $s = IO::Socket::INET->new(LocalPort => $ENV{MASTER_PORT}, Listen => 8, ReuseAddr => 1) or die $!;
                my %seen; while (keys(%seen) < $ENV{WORLD_SIZE} - 1) { my $c = $s->accept; my $r = <$c>; chomp $r; $seen{$r} = 1; print $c "ok\n"; close $c }
                print "ranks ", join(",", sort keys %seen), "\n";'
            else
              perl -MIO::Socket::INET -e '
                for (1 .. 120) {
                  my $s = IO::Socket::INET->new(PeerAddr => $ENV{MASTER_ADDR}, PeerPort => $ENV{MASTER_PORT}, Timeout => 2);
                  if ($s) { print $s "$ENV{RANK}\n"; if (<$s>) { print "met\n"; exit 0 } } sleep 1 } exit 9'
            fi
            """));
        bed.WaitForPhase("gang", "Succeeded");
        Assert.That(
            bed.Kubectl("logs", "-l", "aidc.dev/job=gang,aidc.dev/worker-index=0", "--tail=-1"), Does.Contain("ranks 1,2"));
    }

    [Test]
    public void One_failed_worker_restarts_the_whole_gang_and_is_named_with_its_last_lines()
    {
        using var bed = new TestBed("restart");
        bed.Apply(Gang(bed, "gang", replicas: 3, script: """
            if [ "$AIDC_ATTEMPT" = "$FIRST" ] && [ "$RANK" = 1 ]; then sleep 2; echo "disk on fire"; exit 7; fi
            [ "$AIDC_ATTEMPT" = "$FIRST" ] && sleep 300; exit 0
            """));
        bed.WaitForPhase("gang", "Succeeded");

        var failure = bed.Status("gang").GetProperty("lastFailure");
        Assert.Multiple(() =>
        {
            Assert.That(failure.GetProperty("worker").GetInt32(), Is.EqualTo(1));
            Assert.That(failure.GetProperty("exitCode").GetInt32(), Is.EqualTo(7));
            Assert.That(failure.GetProperty("node").GetString(), Is.Not.Empty);
            Assert.That(failure.GetProperty("logTail").GetString(), Does.Contain("disk on fire"));
            Assert.That(TrainingLifeTests.Number(bed.Status("gang"), "restarts"), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_rule_on_the_exit_code_ends_the_job_without_a_retry()
    {
        using var bed = new TestBed("rule");
        bed.Apply(Gang(bed, "gang", replicas: 2, script: "[ \"$RANK\" = 1 ] && exit 42; sleep 300", failure: "failure: {rules: [{exitCodes: [42], action: Fail}]}"));
        bed.WaitForPhase("gang", "Failed");
        bed.Eventually(
            "the rest of the gang is gone",
            () => bed.Kubectl("get", "pods", "-l", "aidc.dev/job=gang", "--field-selector=status.phase=Running", "-o", "name").Length == 0);
        Assert.That(TrainingLifeTests.Number(bed.Status("gang"), "restarts"), Is.Zero);
    }

    [Test]
    public void An_image_that_puts_its_progress_gets_it_shown()
    {
        using var bed = new TestBed("progress");
        bed.Apply(Gang(bed, "gang", replicas: 1, script: """
            for step in $(seq 1 100); do
              curl -fsS --cacert "$AIDC_CA_FILE" -H "Authorization: Bearer $(cat "$AIDC_TOKEN_FILE")" -X PUT \
                -d "{\"step\":$step,\"totalSteps\":100,\"loss\":0.5}" "$AIDC_PROGRESS_URL"
              sleep 0.3
            done
            """));
        bed.Eventually(
            "status shows the reported step",
            () => bed.Status("gang").TryGetProperty("progress", out var p)
                && TrainingLifeTests.Number(p, "step") > 0 && TrainingLifeTests.Number(p, "totalSteps").Equals(100.0));
        bed.WaitForPhase("gang", "Succeeded");
    }

    [Test]
    public void A_finished_worker_whose_pod_is_deleted_is_not_run_again()
    {
        using var bed = new TestBed("finished");
        bed.Apply(Gang(bed, "gang", replicas: 2, script: "[ \"$RANK\" = 0 ] && exit 0; sleep 30"));
        bed.Eventually("worker 0 has succeeded", () => bed.Status("gang").TryGetProperty("workers", out var w) && w.TryGetProperty("completedIndexes", out var done) && done.GetString() == "0");
        var other = bed.Kubectl("get", "pod", "gang-worker-1-1", "-o", "jsonpath={.metadata.uid}");

        bed.Kubectl("delete", "pod", "gang-worker-0-1");

        bed.WaitForPhase("gang", "Succeeded");
        Assert.That(bed.Kubectl("get", "pod", "gang-worker-1-1", "-o", "jsonpath={.metadata.uid}"), Is.EqualTo(other));
        Assert.That((TrainingLifeTests.Number(bed.Status("gang"), "attempt"), TrainingLifeTests.Number(bed.Status("gang"), "restarts")), Is.EqualTo((1.0, 0.0)));
    }

    [Test]
    public void A_sidecar_neither_keeps_a_job_from_its_end_nor_fails_it()
    {
        using var bed = new TestBed("sidecar");
        bed.Apply(Gang(bed, "ends", replicas: 1, script: "sleep 5", containers: Container("proxy", "exit 1")));
        bed.Apply(Gang(bed, "stays", replicas: 1, script: "sleep 5", containers: Container("proxy", "sleep 1000")));

        bed.WaitForPhase("ends", "Succeeded");
        bed.WaitForPhase("stays", "Succeeded");
        bed.Eventually("the sidecar is ended", () => bed.Kubectl("get", "pods", "-l", "aidc.dev/job=stays", "--field-selector=status.phase=Running", "-o", "name").Length == 0);
        Assert.That(TrainingLifeTests.Number(bed.Status("ends"), "restarts"), Is.Zero);
    }

    [Test]
    public void An_init_container_that_fails_is_named_with_its_log_and_one_that_hangs_by_the_start_timeout()
    {
        using var bed = new TestBed("init");
        bed.Apply(Gang(bed, "fails", replicas: 1, script: "exit 0", failure: "failure: {maxRestarts: 0}", inits: Container("fetch", "echo no such bucket; exit 7")));
        bed.Apply(Gang(bed, "hangs", replicas: 1, script: "exit 0", failure: "failure: {startTimeout: 15s}", inits: Container("fetch", "sleep 1000")));

        bed.WaitForPhase("fails", "Failed");
        var failure = bed.Status("fails").GetProperty("lastFailure");
        Assert.That(failure.GetProperty("exitCode").GetInt32(), Is.EqualTo(7));
        Assert.That(failure.GetProperty("message").GetString(), Does.Contain("in init container fetch"));
        Assert.That(failure.GetProperty("logTail").GetString(), Does.Contain("no such bucket"));
        bed.Eventually("the start is given up and tried again", () => TrainingLifeTests.Number(bed.Status("hangs"), "restarts") > 0);
        Assert.That(bed.Status("hangs").GetProperty("lastFailure").GetProperty("message").GetString(), Does.Contain("init container fetch runs"));
    }

    [Test]
    public void After_an_edit_of_a_finished_job_its_conditions_speak_of_the_edit()
    {
        using var bed = new TestBed("wait");
        bed.Apply(Gang(bed, "gang", replicas: 1, script: "exit 0"));
        bed.WaitForPhase("gang", "Succeeded");

        bed.Patch("gang", """{"spec": {"ttlAfterFinished": "1h"}}""");

        bed.Kubectl("wait", "--for=condition=Complete", "tj/gang", "--timeout=60s");
        bed.Eventually("all conditions are of the present generation", () => bed.Kubectl("get", "tj", "gang", "-o", "jsonpath={.status.conditions[*].observedGeneration}")
            .Split(' ').All(g => g == bed.Kubectl("get", "tj", "gang", "-o", "jsonpath={.metadata.generation}")));
    }

    /// <summary>As an entry of a list in a template.</summary>
    private static string Container(string name, string script) => $$"""
        - {name: {{name}}, image: {{Images.Tools}}, imagePullPolicy: IfNotPresent, command: [bash, -c, "{{script}}"]}
        """;

    private static string Gang(TestBed bed, string name, int replicas, string script, string failure = "", string containers = "", string inits = "")
    {
        var indented = string.Join('\n', script.Split('\n').Select(line => "                    " + line));
        return $$"""
            apiVersion: aidc.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: {{name}}}
            spec:
              workers: {replicas: {{replicas}}}
              {{failure}}
              template:
                spec:
                  terminationGracePeriodSeconds: 1
                  {{(inits.Length > 0 ? "initContainers:" : "")}}
                  {{inits}}
                  containers:
                  {{containers}}
                  - name: trainer
                    image: {{Images.Tools}}
                    imagePullPolicy: IfNotPresent
                    env: [{name: FIRST, value: "{{Images.FirstAttempt}}"}]
                    command: [bash, -c]
                    args:
                    - |
            {{indented}}
            """;
    }
}
