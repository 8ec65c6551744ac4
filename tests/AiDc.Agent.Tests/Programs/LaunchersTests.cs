using AiDc.Agent.Programs;

namespace AiDc.Agent.Tests.Programs;

public sealed class LaunchersTests
{
    [TestCase("torchrun --nproc-per-node 2 train.py", "torchrun")]
    [TestCase("/opt/conda/bin/torchrun train.py", "torchrun")]
    [TestCase("python -m torch.distributed.run train.py", "torch.distributed.run")]
    [TestCase("python3.11 -u -m torch.distributed.launch train.py", "torch.distributed.launch")]
    [TestCase("accelerate launch train.py", "accelerate launch")]
    [TestCase("deepspeed train.py", "deepspeed")]
    [TestCase("mpirun -n 2 ./a.out", "mpirun")]
    public void A_launcher_is_recognised(string command, string name) => Assert.That(Launchers.Recognise(command.Split(' ')), Is.EqualTo(name));

    [TestCase("cd /app && exec torchrun train.py", "torchrun")]
    [TestCase("export A=b; NCCL_DEBUG=INFO torchrun train.py", "torchrun")]
    public void So_it_is_in_a_script_of_a_shell(string script, string name) => Assert.That(Launchers.Recognise(["/bin/bash", "-ec", script]), Is.EqualTo(name));

    [TestCase("python train.py torchrun")]
    [TestCase("python train.py --launcher=torchrun")]
    [TestCase("./torchrunner")]
    [TestCase("accelerate config")]
    public void A_program_is_none(string command) => Assert.That(Launchers.Recognise(command.Split(' ')), Is.Null);

    [Test]
    public void A_script_that_only_speaks_of_one_is_none() => Assert.That(Launchers.Recognise(["sh", "-c", "echo no torchrun here; python train.py"]), Is.Null);
}
